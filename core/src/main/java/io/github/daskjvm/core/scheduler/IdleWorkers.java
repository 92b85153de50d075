package io.github.daskjvm.core.scheduler;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/// Workers in an array without gaps: one is found by its number, added or taken out at the same cost however many there
/// are. When one leaves, the last takes its place.
final class IdleWorkers extends AbstractCollection<WorkerEntry> {
    private final List<WorkerEntry> workers = new ArrayList<>();

    WorkerEntry get(int index) {
        return workers.get(index);
    }

    @Override
    public int size() {
        return workers.size();
    }

    @Override
    public boolean contains(Object o) {
        return o instanceof WorkerEntry worker && worker.idleAt >= 0 && workers.get(worker.idleAt) == worker;
    }

    @Override
    public boolean add(WorkerEntry worker) {
        if (worker.idleAt >= 0) {
            return false;
        }
        worker.idleAt = workers.size();
        return workers.add(worker);
    }

    void take(WorkerEntry worker) {
        WorkerEntry last = Objects.requireNonNull(workers.removeLast());
        if (last != worker) {
            workers.set(worker.idleAt, last);
            last.idleAt = worker.idleAt;
        }
        worker.idleAt = -1;
    }

    @Override
    public Iterator<WorkerEntry> iterator() {
        return workers.iterator();
    }
}
