package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The values this worker holds, in memory. The loop stores and drops; any thread may read.
final class DataStore {
    private record Entry(StoredValue value, long sizeBytes) {}

    private final Map<TaskKey, Entry> values = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    void put(TaskKey key, StoredValue value, long sizeBytes) {
        Entry before = values.put(key, new Entry(value, sizeBytes));
        bytes.addAndGet(sizeBytes - (before == null ? 0 : before.sizeBytes));
    }

    void remove(TaskKey key) {
        Entry entry = values.remove(key);
        if (entry != null) {
            bytes.addAndGet(-entry.sizeBytes);
        }
    }

    @Nullable
    StoredValue get(TaskKey key) {
        Entry entry = values.get(key);
        return entry == null ? null : entry.value;
    }

    List<TaskKey> keys() {
        return List.copyOf(values.keySet());
    }

    /// Of all values, as far as measured.
    long sizeBytes() {
        return bytes.get();
    }

    void clear() {
        values.clear();
        bytes.set(0);
    }
}
