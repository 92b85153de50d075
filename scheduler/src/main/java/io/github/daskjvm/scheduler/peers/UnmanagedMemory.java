package io.github.daskjvm.scheduler.peers;

import java.util.ArrayDeque;
import java.util.Deque;

/// How much of a worker's memory that is not results has been there for a while: the least there was in the last 30 s,
/// Dask's `distributed.worker.memory.recent-to-old-time`. Until so long has passed all of it is recent. Thread-safe.
public final class UnmanagedMemory {
    private static final double RECENT_SECONDS = 30;
    private static final int READINGS_MAX = 1_000;

    private record Reading(double time, long bytes) {}

    /// Readings that are the least of all that came after them, oldest first.
    private final Deque<Reading> least = new ArrayDeque<>();

    private double since = Double.NaN;
    private double latest;

    /// @param time seconds, growing
    public synchronized void add(double time, long bytes) {
        if (Double.isNaN(since)) {
            since = time;
        }
        latest = time;
        while (!least.isEmpty() && least.getLast().bytes >= bytes) {
            least.removeLast();
        }
        least.addLast(new Reading(time, bytes));
        while (least.getFirst().time < time - RECENT_SECONDS || least.size() > READINGS_MAX) {
            least.removeFirst();
        }
    }

    public synchronized long oldBytes() {
        return latest - since < RECENT_SECONDS || least.isEmpty() ? 0 : least.getFirst().bytes;
    }
}
