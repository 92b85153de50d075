package io.github.daskjvm.core.scheduler;

/// What a worker's heartbeats say of its memory. Source of the formulas: Dask's `MemoryState` and
/// `Scheduler.heartbeat_worker`. What is told late by heartbeats and at once by results does not add up at times,
/// so the parts are cut to fit the whole.
final class WorkerMemory {
    /// More readings than this are not kept; a worker sends two a second at most.
    private static final int HISTORY_MAX = 256;

    private long processBytes;
    private long spilledMemoryBytes;
    private long spilledDiskBytes;
    private long unmanagedOldBytes;
    private final Readings unmanaged = new Readings();

    /// @param storedBytes of the worker's results, by the scheduler's account
    void heartbeat(Event.WorkerHeartbeat event, long storedBytes, long recentNanos, long now) {
        processBytes = event.processMemoryBytes();
        spilledMemoryBytes = event.spilledMemoryBytes();
        spilledDiskBytes = event.spilledDiskBytes();
        boolean leastWent = unmanaged.count == 0;
        while (unmanaged.count > 0
                && (now - unmanaged.nanos[unmanaged.first] > recentNanos || unmanaged.count >= HISTORY_MAX)) {
            leastWent |= unmanaged.removeFirst() == unmanagedOldBytes;
        }
        long bytes = Math.max(0, processBytes - storedBytes + spilledMemoryBytes);
        unmanaged.addLast(now, bytes);
        unmanagedOldBytes = leastWent ? unmanaged.least() : Math.min(unmanagedOldBytes, bytes);
    }

    /// The last ones, in a ring: a heartbeat allocates nothing once it is as large as it gets.
    private static final class Readings {
        private long[] nanos = new long[8];
        private long[] bytes = new long[8];
        private int first;
        private int count;

        void addLast(long now, long value) {
            if (count == nanos.length) {
                nanos = grown(nanos);
                bytes = grown(bytes);
                first = 0;
            }
            int at = (first + count) % nanos.length;
            nanos[at] = now;
            bytes[at] = value;
            count++;
        }

        private long[] grown(long[] ring) {
            long[] grown = new long[2 * ring.length];
            for (int i = 0; i < count; i++) {
                grown[i] = ring[(first + i) % ring.length];
            }
            return grown;
        }

        long removeFirst() {
            long value = bytes[first];
            first = (first + 1) % bytes.length;
            count--;
            return value;
        }

        long least() {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < count; i++) {
                least = Math.min(least, bytes[(first + i) % bytes.length]);
            }
            return least;
        }
    }

    /// In bytes.
    ///
    /// @param storedBytes of the worker's results, by the scheduler's account
    long of(MemoryMeasure measure, long storedBytes) {
        long managed = Math.min(processBytes, Math.max(0, storedBytes - spilledMemoryBytes));
        long old = Math.min(unmanagedOldBytes, processBytes - managed);
        return switch (measure) {
            case PROCESS -> processBytes;
            case MANAGED -> managed;
            case SPILLED -> spilledDiskBytes;
            case MANAGED_TOTAL -> managed + spilledDiskBytes;
            case UNMANAGED -> processBytes - managed;
            case UNMANAGED_OLD -> old;
            case UNMANAGED_RECENT -> processBytes - managed - old;
            case OPTIMISTIC -> managed + old;
        };
    }
}
