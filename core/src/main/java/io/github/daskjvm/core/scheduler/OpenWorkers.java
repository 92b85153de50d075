package io.github.daskjvm.core.scheduler;

import java.util.ArrayList;
import java.util.List;

/// Workers that may be given another task, as a heap: the first has the fewest for each of its threads, and of several
/// has waited longest since it came or had its turn. A worker whose tasks change is [#put] again at once.
final class OpenWorkers {
    private final List<WorkerEntry> heap = new ArrayList<>();
    private long comings;

    boolean isEmpty() {
        return heap.isEmpty();
    }

    boolean contains(WorkerEntry worker) {
        return worker.openAt >= 0 && worker.openAt < heap.size() && heap.get(worker.openAt) == worker;
    }

    /// The first, whose turn it is; of those with as few tasks it is the last from now on.
    WorkerEntry next() {
        WorkerEntry first = heap.getFirst();
        first.openSince = comings++;
        settle(first, 0);
        return first;
    }

    /// Adds it, or finds its new place.
    void put(WorkerEntry worker) {
        if (worker.openAt < 0) {
            worker.openSince = comings++;
            worker.openAt = heap.size();
            heap.add(worker);
        }
        settle(worker, worker.openAt);
    }

    void remove(WorkerEntry worker) {
        int at = worker.openAt;
        WorkerEntry last = heap.removeLast();
        worker.openAt = -1;
        if (last != worker) {
            settle(last, at);
        }
    }

    private void settle(WorkerEntry worker, int from) {
        int at = up(worker, from);
        down(worker, at);
    }

    private int up(WorkerEntry worker, int from) {
        int at = from;
        while (at > 0) {
            WorkerEntry parent = heap.get((at - 1) / 2);
            if (!before(worker, parent)) {
                break;
            }
            set(at, parent);
            at = (at - 1) / 2;
        }
        set(at, worker);
        return at;
    }

    private void down(WorkerEntry worker, int from) {
        int at = from;
        for (int child = 2 * at + 1; child < heap.size(); child = 2 * at + 1) {
            if (child + 1 < heap.size() && before(heap.get(child + 1), heap.get(child))) {
                child++;
            }
            if (!before(heap.get(child), worker)) {
                break;
            }
            set(at, heap.get(child));
            at = child;
        }
        set(at, worker);
    }

    private void set(int at, WorkerEntry worker) {
        heap.set(at, worker);
        worker.openAt = at;
    }

    private static boolean before(WorkerEntry one, WorkerEntry other) {
        double mine = (double) one.processing.size() / one.nthreads;
        double its = (double) other.processing.size() / other.nthreads;
        return mine < its || (mine == its && one.openSince < other.openSince);
    }

    @Override
    public String toString() {
        return heap.toString();
    }
}
