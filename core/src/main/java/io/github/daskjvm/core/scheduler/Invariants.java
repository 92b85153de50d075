package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import org.jspecify.annotations.Nullable;

/// Checks what holds between any two batches: every [TaskInvariant] of every task, every [WorkerInvariant] of every
/// worker, every [StateInvariant] of the whole. Source: Dask's `validate_state` family, and what our own structures
/// add.
final class Invariants {
    private Invariants() {}

    /// @throws BrokenInvariantException naming the first that does not hold
    static void check(SchedulerState state) {
        for (TaskState task : state.tasks) {
            check(state, task);
        }
        for (WorkerEntry worker : state.workers.values()) {
            for (WorkerInvariant invariant : WorkerInvariant.ALL) {
                require(invariant, worker, invariant.broken(state, worker));
            }
        }
        for (StateInvariant invariant : StateInvariant.ALL) {
            require(invariant, "the scheduler", invariant.broken(state));
        }
    }

    /// As [#check(SchedulerState)], for these tasks, as far as they are still known, and the pools.
    static void check(SchedulerState state, Iterable<TaskState> tasks) {
        for (TaskState task : tasks) {
            if (task.status != TaskStatus.FORGOTTEN) {
                check(state, task);
            }
        }
        for (StateInvariant invariant : StateInvariant.CHEAP) {
            require(invariant, "the scheduler", invariant.broken(state));
        }
    }

    /// That those of the tasks that are forgotten are so by everybody.
    static void checkForgotten(SchedulerState state, Iterable<TaskState> tasks) {
        for (TaskState task : tasks) {
            if (task.status == TaskStatus.FORGOTTEN) {
                require(TaskInvariant.FORGOTTEN, task, TaskInvariant.FORGOTTEN.broken(state, task));
            }
        }
    }

    private static void check(SchedulerState state, TaskState task) {
        for (TaskInvariant invariant : TaskInvariant.ALL) {
            require(invariant, task, invariant.broken(state, task));
        }
    }

    private static void require(Object invariant, Object of, @Nullable String broken) {
        if (broken != null) {
            throw new BrokenInvariantException(invariant, of + " " + broken);
        }
    }
}
