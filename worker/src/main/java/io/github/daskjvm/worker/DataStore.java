package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.spill.SpillFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The values this worker holds, in memory or on disk. The loop stores and drops, which never waits; any thread may
/// read, and spill.
///
/// While memory is far from its target a value costs a comparison more than without one.
final class DataStore {
    private final Map<TaskKey, StoredValue> values = new ConcurrentHashMap<>();
    private final MemoryAccounts accounts;
    private final @Nullable Spilling spilling;
    private final LongAdder reads = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    /// Counts uses; without a lock, so that two may have the same number.
    private long clock;
    /// Told that there is more in memory than should be, or a file to be deleted. Must not wait.
    private volatile Runnable onPressure = () -> {};

    /// Of values that stay in memory, whatever happens.
    DataStore() {
        this.accounts = new MemoryAccounts(Long.MAX_VALUE);
        this.spilling = null;
    }

    DataStore(Spilling.Limits limits, WorkerLog log) {
        this.accounts = new MemoryAccounts(limits.targetBytes());
        this.spilling = new Spilling(limits, values, accounts, log);
    }

    void onPressure(Runnable action) {
        onPressure = action;
    }

    void put(TaskKey key, StoredValue value, long sizeBytes) {
        value.usedAt = ++clock;
        value.stored(key, sizeBytes, accounts);
        StoredValue before = values.put(key, value);
        if (before != null) {
            drop(before);
        }
        if (spilling != null && spilling.isAboveTarget()) {
            onPressure.run();
        }
    }

    void remove(TaskKey key) {
        StoredValue value = values.remove(key);
        if (value != null) {
            drop(value);
        }
    }

    private void drop(StoredValue value) {
        SpillFile useless = value.drop();
        if (useless != null && spilling != null) {
            spilling.deleteLater(useless);
            onPressure.run();
        }
    }

    boolean contains(TaskKey key) {
        return values.containsKey(key);
    }

    /// To be used by [StoredValue#pin], or soon.
    @Nullable
    StoredValue get(TaskKey key) {
        StoredValue value = values.get(key);
        if (value != null && spilling != null) {
            value.usedAt = ++clock;
            if (value.isInMemory()) {
                reads.increment();
                readBytes.add(value.sizeBytes());
            }
        }
        return value;
    }

    /// Without counting as a use.
    @Nullable
    StoredValue look(TaskKey key) {
        return values.get(key);
    }

    List<TaskKey> keys() {
        return List.copyOf(values.keySet());
    }

    /// A task has this result, which is not stored yet: makes room for it. By the task's thread, which waits for the
    /// disk, so that tasks make no more than goes to it.
    ///
    /// @throws IOException that says why, if there is no room for it in memory nor on disk
    void admit(TaskKey key, StoredValue value, long sizeBytes) throws IOException {
        if (spilling != null && spilling.wouldExceed(sizeBytes)) {
            spilling.admit(key, value, sizeBytes);
        }
    }

    /// Values came back from disk for a task: others go. By the task's thread.
    void settle() {
        if (spilling != null && spilling.isAboveTarget()) {
            spilling.toTarget();
        }
    }

    /// Null if nothing is ever spilled.
    @Nullable
    Spilling spilling() {
        return spilling;
    }

    /// Of all values, as far as measured, wherever they are.
    long sizeBytes() {
        return accounts.memoryBytes() + accounts.spilledBytes();
    }

    MemoryAccounts accounts() {
        return accounts;
    }

    /// Values that were asked for and in memory.
    long reads() {
        return reads.sum();
    }

    /// What these take.
    long readBytes() {
        return readBytes.sum();
    }

    void clear() {
        for (TaskKey key : keys()) {
            remove(key);
        }
        if (spilling != null) {
            spilling.deleteUseless();
        }
    }
}
