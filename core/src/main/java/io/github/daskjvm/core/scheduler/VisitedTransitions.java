package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// Which cells of the transition table have ever run in this process, so that a test can fail on one that no test
/// visits. A flag a cell, set at most once.
final class VisitedTransitions {
    private static final int N = TaskStatus.values().length;
    static final VisitedTransitions INSTANCE = new VisitedTransitions();

    private final AtomicIntegerArray flags = new AtomicIntegerArray(N * N);

    private VisitedTransitions() {}

    void mark(TaskStatus from, TaskStatus to) {
        int cell = from.ordinal() * N + to.ordinal();
        if (flags.getPlain(cell) == 0) {
            flags.set(cell, 1);
        }
    }

    boolean visited(TaskStatus from, TaskStatus to) {
        return flags.get(from.ordinal() * N + to.ordinal()) != 0;
    }
}
