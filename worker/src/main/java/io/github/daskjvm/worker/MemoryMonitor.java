package io.github.daskjvm.worker;

import io.github.daskjvm.worker.spill.SpillTimes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Looks from time to time at how much memory a worker uses of its limit: results go to disk, the worker pauses and
/// goes on, as [MemorySettings] say. On a platform thread of its own, which also spills what came from elsewhere
/// and deletes files; the task's threads spill for what they make.
final class MemoryMonitor {
    private static final long TOLD_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(300);

    private final MemorySettings settings;
    private final long limitBytes;
    private final DataStore store;
    private final JvmHeap heap;
    private final WorkerLog log;
    private final Consumer<Boolean> onPaused;
    private final Consumer<SpillTimes> onSpilled;
    private final Thread thread;
    private volatile boolean closed;
    private boolean paused;
    private boolean told;
    private long toldNanos;

    /// @param limitBytes more than 0
    /// @param onPaused told whether the worker shall start no more tasks, each time that changes
    /// @param onSpilled told what it has moved to disk itself
    private MemoryMonitor(
            MemorySettings settings,
            long limitBytes,
            DataStore store,
            WorkerLog log,
            Consumer<Boolean> onPaused,
            Consumer<SpillTimes> onSpilled) {
        this.settings = settings;
        this.limitBytes = limitBytes;
        this.store = store;
        this.heap = JvmHeap.get();
        this.log = log;
        this.onPaused = onPaused;
        this.onSpilled = onSpilled;
        this.thread = Thread.ofPlatform().daemon().name("memory").unstarted(this::run);
    }

    static MemoryMonitor start(
            MemorySettings settings,
            long limitBytes,
            DataStore store,
            WorkerLog log,
            Consumer<Boolean> onPaused,
            Consumer<SpillTimes> onSpilled) {
        var monitor = new MemoryMonitor(settings, limitBytes, store, log, onPaused, onSpilled);
        store.onPressure(() -> LockSupport.unpark(monitor.thread));
        monitor.thread.start();
        return monitor;
    }

    private void run() {
        while (!closed) {
            try {
                look();
                SpillTimes spilled = SpillTimes.take();
                if (spilled != null) {
                    onSpilled.accept(spilled);
                }
            } catch (RuntimeException | OutOfMemoryError e) {
                log.warn("memory could not be looked after: " + e);
            }
            LockSupport.parkNanos(this, settings.monitorInterval().toNanos());
        }
    }

    private void look() {
        Spilling spilling = store.spilling();
        if (spilling != null) {
            spilling.deleteUseless();
            store.settle();
        }
        long used = used();
        if (spilling != null && settings.spill() > 0 && used > settings.spill() * limitBytes) {
            used = collected(used);
            if (used > settings.spill() * limitBytes) {
                used = spill(spilling, used);
            }
        }
        if (settings.pause() > 0) {
            pauseOrGoOn(used);
        }
    }

    private long used() {
        return heap.usedBytes(store.accounts().memoryBytes());
    }

    private long collected(long used) {
        return heap.collect() ? used() : used;
    }

    /// Until it is below the target. What leaves memory is off the figure at once, and is found again as memory of
    /// nobody's by the next collection if a task still uses it.
    private long spill(Spilling spilling, long used) {
        double target = settings.target() > 0 ? settings.target() : settings.spill();
        long excess = used - (long) (target * limitBytes);
        String why = spilling.toBytes(Math.max(0, store.accounts().memoryBytes() - excess));
        long now = used();
        if (why != null && now > settings.spill() * limitBytes) {
            long nanos = System.nanoTime();
            if (!told || nanos - toldNanos > TOLD_AGAIN_NANOS) {
                told = true;
                toldNanos = nanos;
                log.warn("Unmanaged memory use is high: " + why + ". -- Unmanaged memory: "
                        + mebibytes(now - store.accounts().memoryBytes()) + " -- Worker memory limit: "
                        + mebibytes(limitBytes));
            }
        }
        return now;
    }

    private void pauseOrGoOn(long before) {
        long used = before;
        if (used > settings.pause() * limitBytes) {
            used = collected(used);
        }
        boolean wanted = used > settings.pause() * limitBytes;
        if (wanted != paused) {
            paused = wanted;
            log.warn("Worker is at " + 100 * used / limitBytes + "% memory usage. "
                    + (wanted ? "Pausing" : "Resuming") + " worker. -- Process memory: " + mebibytes(used)
                    + " -- Worker memory limit: " + mebibytes(limitBytes));
            onPaused.accept(wanted);
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
