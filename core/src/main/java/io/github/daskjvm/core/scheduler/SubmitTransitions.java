package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.ERRED;
import static io.github.daskjvm.core.model.TaskStatus.FORGOTTEN;
import static io.github.daskjvm.core.model.TaskStatus.NO_WORKER;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.QUEUED;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;
import static io.github.daskjvm.core.model.TaskStatus.WAITING;

import io.github.daskjvm.core.model.TaskStatus;

/// From being wanted to being on a worker: `released -> waiting -> processing`, or held back in `queued` or
/// `no-worker`. A task that waits for nothing is put among the ready ones; [Placement] then takes it further.
final class SubmitTransitions {
    private final SchedulerState state;

    SubmitTransitions(SchedulerState state) {
        this.state = state;
    }

    void register(Transitions table) {
        table.register(RELEASED, WAITING, this::releasedWaiting);
        table.register(WAITING, PROCESSING, (task, recs) -> state.placement.assign(task));
        table.register(WAITING, QUEUED, this::waitingQueued);
        table.register(WAITING, NO_WORKER, this::waitingNoWorker);
        table.register(QUEUED, PROCESSING, this::queuedProcessing);
    }

    private void releasedWaiting(TaskState task, Recommendations recommendations) {
        if (task.hasLostDependencies || task.runSpec == null || task.isUseless()) {
            recommendations.add(task, FORGOTTEN);
            return;
        }
        for (TaskState dependency : task.dependencies) {
            if (FailureTransitions.hasFailed(dependency)) {
                FailureTransitions.blame(task, dependency);
                recommendations.add(task, ERRED);
                return;
            }
        }
        task.blame(null, null);
        state.setStatus(task, WAITING);
        for (TaskState dependency : task.dependencies) {
            if (dependency.whoHas.isEmpty()) {
                task.waitingOn = task.waitingOn.with(dependency);
            }
            if (dependency.status == RELEASED || dependency.status == ERRED) {
                recommendations.add(dependency, WAITING);
            }
            dependency.waiters = dependency.waiters.with(task);
        }
        task.waitingOn = task.waitingOn.orSame(task.dependencies);
        if (task.waitingOn.isEmpty()) {
            state.ready(task);
        }
    }

    private void waitingQueued(TaskState task, Recommendations recommendations) {
        task.readyStimulus = ""; // Each graph has one of its own.
        state.setStatus(task, QUEUED);
        state.pool(task.runtime).queued.add(task);
    }

    private void waitingNoWorker(TaskState task, Recommendations recommendations) {
        state.setStatus(task, NO_WORKER);
        state.pool(task.runtime).unrunnable.put(task, state.nowNanos);
    }

    private void queuedProcessing(TaskState task, Recommendations recommendations) {
        state.pool(task.runtime).queued.remove(task);
        state.placement.assign(task);
    }

    /// Whether the task stands where it could be placed: it waits, and for nothing.
    static boolean isReady(TaskState task) {
        return task.status == TaskStatus.WAITING && task.waitingOn.isEmpty() && !task.hasLostDependencies;
    }
}
