package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.LinkedHashSet;
import java.util.Set;

/// Looks again, a slice at a time, at the tasks that no worker could run, when there are workers that may: puts those
/// that one of them may run among the ready ones, root tasks to be queued again if need be.
final class Unrunnable {
    private final SchedulerState state;
    private final Set<WorkerEntry> workers = new LinkedHashSet<>();
    /// Of all pools, as they were when the last of the workers came.
    private TaskState[] tasks = {};
    private int next;

    Unrunnable(SchedulerState state) {
        this.state = state;
    }

    /// Whether there is nothing left to look at.
    boolean isIdle() {
        return next == tasks.length;
    }

    void step() {
        if (!state.newlyRunning.isEmpty()) {
            workers.addAll(state.newlyRunning);
            state.newlyRunning.clear();
            tasks = all();
            next = 0;
        }
        for (int left = state.slices.size; left > 0 && !isIdle(); next++) {
            TaskState task = tasks[next];
            left -= 1 + task.dependencies.size();
            if (task.status == TaskStatus.NO_WORKER && anyMayRun(task)) {
                tryAgain(task);
            }
        }
        if (isIdle()) {
            workers.clear();
            tasks = new TaskState[0];
            next = 0;
        }
    }

    private TaskState[] all() {
        int count = 0;
        for (Pool pool : state.pools.values()) {
            count += pool.unrunnable.size();
        }
        TaskState[] all = new TaskState[count];
        int at = 0;
        for (Pool pool : state.pools.values()) {
            for (TaskState task : pool.unrunnable.keySet()) {
                all[at++] = task;
            }
        }
        return all;
    }

    private boolean anyMayRun(TaskState task) {
        for (WorkerEntry worker : workers) {
            if (worker.status == WorkerStatus.RUNNING && task.runtime == worker.runtime && task.mayRunOn(worker)) {
                return true;
            }
        }
        return false;
    }

    /// It has waited since it was first ready.
    private void tryAgain(TaskState task) {
        long readyNanos = task.readyNanos;
        state.transitions.transition(task, TaskStatus.WAITING, "worker-joined");
        if (task.readyNanos != 0) {
            task.readyNanos = readyNanos;
        }
    }
}
