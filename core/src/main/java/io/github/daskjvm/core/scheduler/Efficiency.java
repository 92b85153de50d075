package io.github.daskjvm.core.scheduler;

/// Time that tasks computed, over time that threads were there to compute in. A task counts when it ends.
final class Efficiency {
    /// The recent past is the last six whole slots and the present one.
    private static final int SLOTS = 7;

    private static final long SLOT_NANOS = 10_000_000_000L;

    double computeSeconds;
    double threadSeconds;
    private long lastNanos;
    private boolean started;

    /// What the sums were when a slot began, by its number modulo [#SLOTS].
    private final double[] computeThen = new double[SLOTS];

    private final double[] threadsThen = new double[SLOTS];
    private long slot;

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
                computeThen[at] = computeSeconds;
                threadsThen[at] = threadSeconds;
            }
            slot = number;
        }
        threadSeconds += threads * ((nowNanos - lastNanos) / 1e9);
        lastNanos = nowNanos;
    }

    /// Of the last 60 to 70 seconds; NaN if there were no threads. More than one where tasks that took longer than
    /// that have just ended.
    double recent() {
        int oldest = (int) Math.floorMod(slot + 1, SLOTS);
        double available = threadSeconds - threadsThen[oldest];
        return available > 0 ? (computeSeconds - computeThen[oldest]) / available : Double.NaN;
    }
}
