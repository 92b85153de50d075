package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;

/// What a worker's heartbeats say of its memory. Source of the formulas: Dask's `MemoryState` and
/// `Scheduler.heartbeat_worker`. What is told late by heartbeats and at once by results does not add up at times,
/// so the parts are cut to fit the whole.
final class WorkerMemory {
    /// More readings than this are not kept; a worker sends two a second at most.
    private static final int HISTORY_MAX = 256;

    private record Reading(long nanos, long bytes) {}

    private long processBytes;
    private long spilledMemoryBytes;
    private long spilledDiskBytes;
    private long unmanagedOldBytes;
    private final Deque<Reading> unmanaged = new ArrayDeque<>();

    /// @param storedBytes of the worker's results, by the scheduler's account
    void heartbeat(Event.WorkerHeartbeat event, long storedBytes, long recentNanos, long now) {
        processBytes = event.processMemoryBytes();
        spilledMemoryBytes = event.spilledMemoryBytes();
        spilledDiskBytes = event.spilledDiskBytes();
        boolean leastWent = unmanaged.isEmpty();
        while (!unmanaged.isEmpty()
                && (now - unmanaged.getFirst().nanos > recentNanos || unmanaged.size() >= HISTORY_MAX)) {
            leastWent |= unmanaged.removeFirst().bytes == unmanagedOldBytes;
        }
        long bytes = Math.max(0, processBytes - storedBytes + spilledMemoryBytes);
        unmanaged.addLast(new Reading(now, bytes));
        if (!leastWent) {
            unmanagedOldBytes = Math.min(unmanagedOldBytes, bytes);
            return;
        }
        unmanagedOldBytes = bytes;
        for (Reading reading : unmanaged) {
            unmanagedOldBytes = Math.min(unmanagedOldBytes, reading.bytes);
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
