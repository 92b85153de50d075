package io.github.daskjvm.worker;

import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.worker.spill.SpillCounters;
import io.github.daskjvm.worker.spill.SpillFolder;
import io.github.daskjvm.worker.spill.SpillTimes;
import io.github.daskjvm.worker.spill.WorkFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A worker's values with all that looks after their memory: its folder, the limits, the monitor. Any thread may
/// call.
final class WorkerMemory implements AutoCloseable {
    private final WorkerOptions options;
    private final WorkerLog log;
    private final DataStore store;
    private final @Nullable WorkFolder folder;
    private final LongSupplier managed;
    private volatile @Nullable MemoryMonitor monitor;

    private WorkerMemory(WorkerOptions options, WorkerLog log, DataStore store, @Nullable WorkFolder folder) {
        this.options = options;
        this.log = log;
        this.store = store;
        this.folder = folder;
        this.managed = store.accounts()::memoryBytes;
        JvmHeap.get().join(managed);
    }

    /// @throws IOException if the worker can have no folder for its files
    static WorkerMemory of(WorkerOptions options, WorkerLog log) throws IOException {
        MemorySettings settings = options.memory();
        long limit = options.memoryLimitBytes();
        if (limit == 0 || !settings.spills()) {
            return new WorkerMemory(options, log, new DataStore(), null);
        }
        WorkFolder folder = WorkFolder.open(Path.of(options.localDirectory()), options.fileLocking());
        var files = new SpillFolder(folder.path().resolve("storage"), settings.compression(), settings.maxSpillBytes());
        long target = settings.target() > 0 ? (long) (settings.target() * limit) : Long.MAX_VALUE;
        var store = new DataStore(new Spilling.Limits(limit, target, files), log);
        return new WorkerMemory(options, log, store, folder);
    }

    DataStore store() {
        return store;
    }

    /// Where the worker's files are, or would be.
    String folder() {
        return folder == null ? options.localDirectory() : folder.path().toString();
    }

    /// @param onPaused told whether the worker shall start no more tasks, each time that changes
    /// @param onSpilled told what the monitor itself has moved to disk
    void watch(Consumer<Boolean> onPaused, Consumer<SpillTimes> onSpilled) {
        if (options.memoryLimitBytes() > 0) {
            monitor =
                    MemoryMonitor.start(options.memory(), options.memoryLimitBytes(), store, log, onPaused, onSpilled);
        }
    }

    WorkerSnapshot.Memory figures() {
        MemoryAccounts accounts = store.accounts();
        long inMemory = accounts.memoryBytes();
        return new WorkerSnapshot.Memory(
                JvmHeap.get().usedBytes(inMemory),
                inMemory,
                accounts.spilledBytes(),
                accounts.spilledDiskBytes(),
                options.memoryLimitBytes());
    }

    WorkerSnapshot.Spills spills() {
        Spilling spilling = store.spilling();
        if (spilling == null) {
            return WorkerSnapshot.Spills.NONE;
        }
        SpillCounters counters = spilling.folder().counters();
        return new WorkerSnapshot.Spills(
                counters.writes(),
                counters.writtenBytes(),
                counters.reads(),
                counters.readBytes(),
                store.reads(),
                store.readBytes(),
                counters.serializeSeconds(),
                counters.compressSeconds(),
                counters.writeSeconds(),
                counters.readSeconds(),
                counters.decompressSeconds(),
                counters.deserializeSeconds(),
                spilling.unspillable());
    }

    /// Tasks by state, where those whose results are on disk alone have the state `disk`.
    Map<String, Integer> countsByName(WorkerLoop.Published published) {
        Map<String, Integer> counts = published.countsByName();
        int spilled = store.accounts().spilled();
        if (spilled == 0) {
            return counts;
        }
        var all = new TreeMap<>(counts);
        all.merge("memory", -spilled, (a, b) -> Math.max(0, a + b));
        all.put("disk", spilled);
        return all;
    }

    /// As [#countsByName], without the states in which there is none.
    Map<String, Integer> taskCounts(WorkerLoop.Published published) {
        Map<String, Integer> counts = new TreeMap<>(countsByName(published));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    /// Drops all values, and removes the folder.
    @Override
    public void close() {
        MemoryMonitor running = monitor;
        if (running != null) {
            running.close();
        }
        Spilling spilling = store.spilling();
        if (spilling != null) {
            spilling.folder().close();
        }
        store.clear();
        JvmHeap.get().leave(managed);
        if (folder != null) {
            folder.close();
        }
    }
}
