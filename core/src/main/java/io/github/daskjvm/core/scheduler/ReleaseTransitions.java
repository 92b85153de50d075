package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.ERRED;
import static io.github.daskjvm.core.model.TaskStatus.FORGOTTEN;
import static io.github.daskjvm.core.model.TaskStatus.MEMORY;
import static io.github.daskjvm.core.model.TaskStatus.NO_WORKER;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.QUEUED;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;
import static io.github.daskjvm.core.model.TaskStatus.WAITING;

import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.List;

/// Back to `released`, because nobody needs the task or because its result is lost; and on to `forgotten`.
final class ReleaseTransitions {
    private final SchedulerState state;
    private final Outbox outbox;

    ReleaseTransitions(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void register(Transitions table) {
        table.register(WAITING, RELEASED, this::waitingReleased);
        table.register(PROCESSING, RELEASED, this::processingReleased);
        table.register(QUEUED, RELEASED, this::queuedReleased);
        table.register(NO_WORKER, RELEASED, this::noWorkerReleased);
        table.register(MEMORY, RELEASED, this::memoryReleased);
        table.register(MEMORY, FORGOTTEN, this::forget);
        table.register(RELEASED, FORGOTTEN, this::forget);
    }

    private void waitingReleased(TaskState task, Recommendations recommendations) {
        for (TaskState dependency : task.dependencies) {
            leave(task, dependency, recommendations);
        }
        task.waitingOn = OrderedSet.none();
        state.setStatus(task, RELEASED);
        if (task.hasLostDependencies) {
            recommendations.add(task, FORGOTTEN);
        } else if (task.uncommon.blame == null && task.isNeeded()) {
            recommendations.add(task, WAITING);
        }
    }

    private static void leave(TaskState task, TaskState dependency, Recommendations recommendations) {
        if (dependency.removeWaiter(task) && !dependency.isNeeded() && dependency.status != ERRED) {
            recommendations.add(dependency, RELEASED);
        }
    }

    private void processingReleased(TaskState task, Recommendations recommendations) {
        WorkerEntry worker = state.placement.exitProcessing(task);
        if (worker != null) {
            outbox.free(worker.address, task.key, state.transitions.stimulus);
        }
        propagate(task, recommendations);
    }

    private void queuedReleased(TaskState task, Recommendations recommendations) {
        state.pool(task.runtime).queued.remove(task);
        propagate(task, recommendations);
    }

    private void noWorkerReleased(TaskState task, Recommendations recommendations) {
        state.pool(task.runtime).unrunnable.remove(task);
        propagate(task, recommendations);
    }

    /// The task is off its worker or queue; it starts over if it is still needed.
    private void propagate(TaskState task, Recommendations recommendations) {
        state.setStatus(task, RELEASED);
        boolean needed = task.isNeeded();
        if (task.hasLostDependencies) {
            recommendations.add(task, FORGOTTEN);
        } else if (needed) {
            recommendations.add(task, WAITING);
            return;
        }
        for (TaskState dependency : task.dependencies) {
            dependency.waiters = dependency.waiters.without(task);
            if (dependency.status != RELEASED && dependency.status != ERRED && !dependency.isNeeded()) {
                recommendations.add(dependency, RELEASED);
            }
        }
    }

    private void memoryReleased(TaskState task, Recommendations recommendations) {
        dropReplicas(task);
        state.setStatus(task, RELEASED);
        boolean lostActor = task.options.actor() && !task.whoWants.isEmpty();
        if (lostActor) {
            // Its state is lost; another one made in its place would not be the same.
            task.blame(task, new Failure.ActorLost());
            recommendations.add(task, ERRED);
        } else {
            for (ClientEntry client : task.whoWants) {
                outbox.client(client, new Command.LostData(task.key));
            }
            if (task.runSpec == null || task.hasLostDependencies || task.isUseless()) {
                recommendations.add(task, FORGOTTEN);
            } else if (task.isNeeded()) {
                recommendations.add(task, WAITING);
            }
        }
        boolean later = lostActor || state.looseEnds.spreads(task, task.waiters);
        for (TaskState waiter : task.waiters) {
            switch (waiter.status) {
                case NO_WORKER, QUEUED -> {
                    if (!later) {
                        recommendations.add(waiter, WAITING);
                    }
                }
                case PROCESSING -> {
                    if (!lostActor) {
                        recommendations.add(waiter, WAITING);
                    }
                }
                case WAITING -> waiter.waitingOn = waiter.waitingOn.with(task);
                case RELEASED, MEMORY, ERRED, FORGOTTEN -> {
                    // Such a task waits for nothing.
                }
            }
        }
    }

    private void dropReplicas(TaskState task) {
        task.group.prefix.storedBytes -= task.sizeBytes();
        for (WorkerEntry worker : List.copyOf(task.whoHas)) {
            outbox.free(worker.address, task.key, state.transitions.stimulus);
            state.occupancy.removeReplica(worker, task);
        }
    }

    private void forget(TaskState task, Recommendations recommendations) {
        if (task.status == MEMORY) {
            dropReplicas(task);
        }
        state.setStatus(task, FORGOTTEN);
        boolean later = state.looseEnds.spreads(task, task.dependents);
        for (TaskState dependent : task.dependents) {
            WorkerEntry worker = dependent.processingOn;
            if (worker != null) {
                state.occupancy.forgetNeed(worker, task);
            }
            dependent.hasLostDependencies = true;
            dependent.dependencies = dependent.dependencies.without(task);
            dependent.waitingOn = dependent.waitingOn.without(task);
            boolean stays = dependent.status == MEMORY || dependent.status == ERRED;
            if (!stays && !(later && LooseEnds.mayWait(dependent))) {
                recommendations.add(dependent, FORGOTTEN);
            }
        }
        task.dependents = OrderedSet.none();
        task.waiters = OrderedSet.none();
        for (TaskState dependency : task.dependencies) {
            dependency.dependents = dependency.dependents.without(task);
            dependency.waiters = dependency.waiters.without(task);
            if (dependency.isUseless()) {
                recommendations.add(dependency, FORGOTTEN);
            }
        }
        task.dependencies = OrderedSet.none();
        task.waitingOn = OrderedSet.none();
        remove(task);
    }

    private void remove(TaskState task) {
        var message = new Command.CancelledKeys(List.of(task.key));
        for (ClientEntry client : task.whoWants) {
            outbox.client(client, message);
            client.wants.remove(task);
        }
        task.whoWants = OrderedSet.none();
        task.blame(null, task.uncommon.failure);
        state.tasks.remove(task);
        TaskGroup group = task.group;
        if (group.size == group.count(FORGOTTEN)) {
            state.groups.remove(group.name, group);
            group.leave();
        }
    }
}
