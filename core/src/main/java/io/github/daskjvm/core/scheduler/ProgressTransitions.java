package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.MEMORY;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;

import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;

/// A result came to be: `processing -> memory`, and `released -> memory` for data that was placed.
final class ProgressTransitions {
    private final SchedulerState state;
    private final Outbox outbox;

    ProgressTransitions(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void register(Transitions table) {
        table.register(PROCESSING, MEMORY, this::processingMemory);
        table.register(RELEASED, MEMORY, this::toMemory);
    }

    private void processingMemory(TaskState task, Recommendations recommendations) {
        WorkerEntry worker = state.placement.exitProcessing(task);
        if (worker == null) {
            throw new IllegalStateException("a worker that is gone finished " + task);
        }
        state.occupancy.addReplica(worker, task);
        if (task.options.actor()) {
            worker.actors.add(task);
        }
        toMemory(task, recommendations);
    }

    /// The result is where `whoHas` says; whoever waited for it goes on.
    private void toMemory(TaskState task, Recommendations recommendations) {
        tellDependents(task);
        leaveDependencies(task, recommendations);
        state.setStatus(task, MEMORY);
        task.group.prefix.storedBytes += task.sizeBytes();
        if (!task.isNeeded()) {
            recommendations.add(task, RELEASED);
            return;
        }
        var message = new Command.KeyInMemory(task.key, task.type);
        for (ClientEntry client : task.whoWants) {
            outbox.client(client, message);
        }
        state.transitions.releaseFireAndForget(task, recommendations);
    }

    private void tellDependents(TaskState task) {
        for (TaskState dependent : task.dependents) {
            if (dependent.removeWaitingOn(task) && dependent.waitingOn.isEmpty()) {
                state.ready(dependent);
            }
        }
    }

    private static void leaveDependencies(TaskState task, Recommendations recommendations) {
        for (TaskState dependency : task.dependencies) {
            dependency.waiters = dependency.waiters.without(task);
            if (!dependency.isNeeded()) {
                recommendations.add(dependency, RELEASED);
            }
        }
    }
}
