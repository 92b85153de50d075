package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.Histogram;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// How long tasks of about the last minute waited until they were given to a worker. Not thread-safe.
final class QueueWaits {
    private static final double MINUTE_SECONDS = 60;

    private record Moment(double time, Histogram.Copy waits) {}

    private final Deque<Moment> moments = new ArrayDeque<>();

    void add(double now, Histogram.Copy waits) {
        moments.addLast(new Moment(now, waits));
        while (moments.getFirst().time < now - MINUTE_SECONDS) {
            moments.removeFirst();
        }
    }

    /// How many tasks, their median wait, and what nineteen of twenty waited at most, in seconds.
    List<Number> lastMinute() {
        Moment first = moments.peekFirst();
        Moment last = moments.peekLast();
        if (first == null || last == null) {
            return List.of(0, 0, 0);
        }
        long count = last.waits.count() - first.waits.count();
        return List.of(
                Math.max(0, count),
                quantile(first.waits, last.waits, count * 0.5),
                quantile(first.waits, last.waits, count * 0.95));
    }

    /// The upper bound of the bucket that has it, within 9 %.
    private static double quantile(Histogram.Copy before, Histogram.Copy after, double rank) {
        double seen = after.zeros() - before.zeros();
        if (rank <= seen) {
            return 0;
        }
        for (int i = 0; i < after.counts().length; i++) {
            int at = after.first() + i - before.first();
            seen += after.counts()[i] - (at >= 0 && at < before.counts().length ? before.counts()[at] : 0);
            if (seen >= rank) {
                return Math.pow(2, (double) (after.first() + i) / (1 << Histogram.SCHEMA));
            }
        }
        return 0;
    }
}
