package io.github.daskjvm.core.scheduler;

/// Time that tasks computed, over time that threads were there to compute in. For the sum a task counts when it ends;
/// for the ratio of late so far as heartbeats tell that it has been running, and the rest when it ends.
final class Efficiency {
    /// The recent past is the last six whole slots and the present one.
    private static final int SLOTS = 7;

    private static final long SLOT_NANOS = 10_000_000_000L;

    double computeSeconds;
    double threadSeconds;
    /// As [#computeSeconds], with what running tasks have computed until now.
    private double workedSeconds;
    private long lastNanos;
    private boolean started;

    /// What the sums were when a slot began, by its number modulo [#SLOTS].
    private final double[] workedThen = new double[SLOTS];

    private final double[] threadsThen = new double[SLOTS];
    private long slot;

    /// A task has ended.
    ///
    /// @param countedSeconds of them, as [#running] was told before
    void ended(double seconds, double countedSeconds) {
        computeSeconds += seconds;
        workedSeconds += Math.max(0, seconds - countedSeconds);
    }

    /// A task is running.
    ///
    /// @param seconds since it began
    /// @param countedSeconds what this was told of it the last time; 0 for the first time
    void running(double seconds, double countedSeconds) {
        workedSeconds += seconds >= countedSeconds ? seconds - countedSeconds : seconds;
    }

    /// There have been so many threads since the last call.
    void advance(long nowNanos, int threads) {
        if (!started) {
            started = true;
            lastNanos = nowNanos;
            slot = Math.floorDiv(nowNanos, SLOT_NANOS);
        }
        if (nowNanos <= lastNanos) {
            return;
        }
        long number = Math.floorDiv(nowNanos, SLOT_NANOS);
        if (number > slot) {
            long begun = Math.min(number - slot, SLOTS);
            for (long i = 0; i < begun; i++) {
                int at = (int) Math.floorMod(number - i, SLOTS);
                workedThen[at] = workedSeconds;
                threadsThen[at] = threadSeconds;
            }
            slot = number;
        }
        threadSeconds += threads * ((nowNanos - lastNanos) / 1e9);
        lastNanos = nowNanos;
    }

    /// Of the last 60 to 70 seconds; NaN if there were no threads. More than one where tasks compute beside the
    /// threads, as those do that have left their worker's pool, and for moments by what ended since a heartbeat.
    double recent() {
        int oldest = (int) Math.floorMod(slot + 1, SLOTS);
        double available = threadSeconds - threadsThen[oldest];
        return available > 0 ? (workedSeconds - workedThen[oldest]) / available : Double.NaN;
    }
}
