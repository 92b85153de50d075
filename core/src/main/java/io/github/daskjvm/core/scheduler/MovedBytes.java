package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/// Bytes of results that came to each worker from each other one, as far as both are still there. Workers tell that
/// they have fetched a result, not from whom: where one worker had it that is certain, where several had it each
/// counts for an equal part. Sizes are those of the results. What a peer-to-peer shuffle moves is no result.
///
/// A worker counts for itself as a source from the first time on that something was fetched from it, as long as fewer
/// than [#SOURCES_MAX] do: eight bytes for each pair.
public final class MovedBytes {
    MovedBytes() {}

    static final int SOURCES_MAX = 1_024;

    /// What came to one from another.
    public record Pair(WorkerEntry to, WorkerEntry from, long bytes) {}

    private final List<WorkerEntry> sources = new ArrayList<>();
    private final Deque<Integer> freed = new ArrayDeque<>();

    /// The worker has fetched the task's result, and is not among those that hold it yet.
    void fetched(WorkerEntry to, TaskState task) {
        int holders = task.whoHas.size();
        if (holders == 0) {
            return;
        }
        long part = task.sizeBytes() / holders;
        for (WorkerEntry from : task.whoHas) {
            int source = source(from);
            if (source >= 0) {
                if (source >= to.movedFrom.length) {
                    int length = Math.min(SOURCES_MAX, Math.max(8, 2 * (source + 1)));
                    to.movedFrom = Arrays.copyOf(to.movedFrom, length);
                }
                to.movedFrom[source] += part;
            }
        }
    }

    private int source(WorkerEntry from) {
        if (from.movedSource < 0 && (!freed.isEmpty() || sources.size() < SOURCES_MAX)) {
            if (freed.isEmpty()) {
                from.movedSource = sources.size();
                sources.add(from);
            } else {
                from.movedSource = freed.removeFirst();
                sources.set(from.movedSource, from);
            }
        }
        return from.movedSource;
    }

    /// What came from the worker counts no more; its place is free.
    void left(WorkerEntry worker, Collection<WorkerEntry> others) {
        int source = worker.movedSource;
        if (source < 0) {
            return;
        }
        for (WorkerEntry other : others) {
            if (source < other.movedFrom.length) {
                other.movedFrom[source] = 0;
            }
        }
        worker.movedSource = -1;
        freed.addLast(source);
    }

    /// The pairs between which most was moved, most first.
    List<Pair> most(Collection<WorkerEntry> workers, int most) {
        Comparator<Pair> byBytes = Comparator.comparingLong(Pair::bytes);
        var largest = new PriorityQueue<Pair>(byBytes);
        long least = 0;
        for (WorkerEntry to : workers) {
            for (int source = 0; source < to.movedFrom.length; source++) {
                if (to.movedFrom[source] > least) {
                    largest.add(new Pair(to, sources.get(source), to.movedFrom[source]));
                    if (largest.size() > most) {
                        largest.remove();
                        least = largest.element().bytes();
                    }
                }
            }
        }
        List<Pair> pairs = new ArrayList<>(largest);
        pairs.sort(byBytes.reversed()
                .thenComparing(pair -> pair.to().sequence)
                .thenComparing(pair -> pair.from().sequence));
        return pairs;
    }
}
