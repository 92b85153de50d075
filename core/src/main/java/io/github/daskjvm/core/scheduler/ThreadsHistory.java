package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// How many threads all workers had together, and when.
public final class ThreadsHistory {
    /// Changes kept; before the first of them it is as if there had been no worker.
    static final int LENGTH_MAX = 10_000;

    /// @param startNanos by the clock of the events, as `stopNanos`
    public record Interval(long startNanos, long stopNanos, int threads) {}

    private record Change(long nanos, int threads) {}

    private final Deque<Change> changes = new ArrayDeque<>();
    private int threads;

    ThreadsHistory() {}

    void add(int difference, long nanos) {
        threads += difference;
        if (!changes.isEmpty() && changes.getLast().nanos == nanos) {
            changes.removeLast();
        }
        if (changes.size() >= LENGTH_MAX) {
            changes.removeFirst();
        }
        changes.addLast(new Change(nanos, threads));
    }

    /// What was in between, without gaps.
    List<Interval> between(long fromNanos, long toNanos) {
        List<Interval> intervals = new ArrayList<>();
        long from = fromNanos;
        int now = 0;
        for (Change change : changes) {
            if (change.nanos >= toNanos) {
                break;
            }
            if (change.nanos > from) {
                intervals.add(new Interval(from, change.nanos, now));
                from = change.nanos;
            }
            now = change.threads;
        }
        if (toNanos > from) {
            intervals.add(new Interval(from, toNanos, now));
        }
        return intervals;
    }
}
