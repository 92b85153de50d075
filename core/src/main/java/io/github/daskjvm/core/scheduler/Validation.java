package io.github.daskjvm.core.scheduler;

import java.util.LinkedHashSet;
import java.util.Set;

/// Checks after each batch the tasks that it changed and the pools, and now and then everything: a look at every task
/// after every batch would make a large graph quadratic.
final class Validation {
    /// With so many tasks or fewer, all of them are validated after every batch; otherwise after every so many.
    private static final int TASKS_MAX = 200;
    private static final int BATCHES = 256;

    private final SchedulerState state;
    /// Tasks that made a transition in this batch.
    private final Set<TaskState> changed = new LinkedHashSet<>();
    private long batches;

    Validation(SchedulerState state) {
        this.state = state;
    }

    void changed(TaskState task) {
        changed.add(task);
    }

    void batchEnds() {
        if (++batches % BATCHES == 0 || state.tasks.size() <= TASKS_MAX) {
            state.checkInvariants();
        } else {
            Invariants.check(state, changed);
        }
        Invariants.checkForgotten(state, changed);
        changed.clear();
    }
}
