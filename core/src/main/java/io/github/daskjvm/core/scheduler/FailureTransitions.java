package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.ERRED;
import static io.github.daskjvm.core.model.TaskStatus.FORGOTTEN;
import static io.github.daskjvm.core.model.TaskStatus.NO_WORKER;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.QUEUED;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;
import static io.github.daskjvm.core.model.TaskStatus.WAITING;

import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.Collection;

/// To `erred` and back. Before the transition the task's `blame` names the task that failed, itself or one that
/// it depends on, and its `failure` says why.
final class FailureTransitions {
    private final SchedulerState state;
    private final Outbox outbox;

    FailureTransitions(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void register(Transitions table) {
        table.register(PROCESSING, ERRED, this::processingErred);
        table.register(NO_WORKER, ERRED, this::noWorkerErred);
        table.register(QUEUED, ERRED, this::queuedErred);
        table.register(RELEASED, ERRED, this::releasedErred);
        table.register(ERRED, RELEASED, this::erredReleased);
    }

    private void processingErred(TaskState task, Recommendations recommendations) {
        WorkerEntry worker = task.processingOn;
        if (worker != null && task.uncommon.blame == task) {
            task.uncommon().erredOn(worker.address);
        } else if (worker != null) {
            // It knows nothing of the input that failed, and waits for it.
            outbox.free(worker.address, task.key, state.transitions.stimulus);
        }
        state.placement.exitProcessing(task);
        propagate(task, recommendations);
    }

    private void noWorkerErred(TaskState task, Recommendations recommendations) {
        state.pool(task.runtime).unrunnable.remove(task);
        propagate(task, recommendations);
    }

    private void queuedErred(TaskState task, Recommendations recommendations) {
        state.pool(task.runtime).queued.remove(task);
        propagate(task, recommendations);
    }

    private void propagate(TaskState task, Recommendations recommendations) {
        state.setStatus(task, ERRED);
        fail(task.waiters, task, recommendations);
        leaveDependencies(task, recommendations);
        report(task);
        leave(task, recommendations);
    }

    /// They are among the task's waiters until they have failed themselves.
    private void fail(Collection<TaskState> dependents, TaskState task, Recommendations recommendations) {
        boolean later = state.looseEnds.spreads(task, dependents);
        for (TaskState dependent : dependents) {
            if (dependent.whoHas.isEmpty() && !(later && LooseEnds.mayWait(dependent))) {
                blame(dependent, task);
                // One that failed before for another input may be about to be forgotten.
                boolean over = dependent.status == ERRED && dependent.isUseless();
                recommendations.add(dependent, over ? FORGOTTEN : ERRED);
            }
        }
    }

    /// Nobody may want the task any more: it was only to run, or what needed it was forgotten before it.
    private void leave(TaskState task, Recommendations recommendations) {
        state.transitions.releaseFireAndForget(task, recommendations);
        if (task.isUseless()) {
            recommendations.add(task, FORGOTTEN);
        }
    }

    /// The task can't be done, for the same reason as the one that it depends on.
    static void blame(TaskState task, TaskState dependency) {
        task.blame(dependency.uncommon.blame, dependency.uncommon.failure);
    }

    /// Whether the task stays erred until somebody retries it. It does not while what it blames is on its way again.
    static boolean hasFailed(TaskState task) {
        TaskState root = task.uncommon.blame;
        return task.status == ERRED && root != null && (root.status == ERRED || root.status == FORGOTTEN);
    }

    /// Inputs that only this task needed are let go, also those that began, or are about to, before it could wait for
    /// them: nobody would be there for what they make, and the input of a shuffle would ask for its run forever.
    private static void leaveDependencies(TaskState task, Recommendations recommendations) {
        for (TaskState dependency : task.dependencies) {
            boolean waited = dependency.removeWaiter(task) && dependency.status != ERRED;
            if ((waited || isOrMayBeOnItsWay(dependency)) && !dependency.isNeeded()) {
                recommendations.add(dependency, RELEASED);
            }
        }
    }

    private static boolean isOrMayBeOnItsWay(TaskState task) {
        return switch (task.status) {
            case RELEASED, WAITING, NO_WORKER, QUEUED, PROCESSING -> true;
            case MEMORY, ERRED, FORGOTTEN -> false;
        };
    }

    private void releasedErred(TaskState task, Recommendations recommendations) {
        fail(task.dependents, task, recommendations);
        leaveDependencies(task, recommendations);
        report(task);
        state.setStatus(task, ERRED);
        leave(task, recommendations);
    }

    private void report(TaskState task) {
        Command.ClientMessage message = message(task);
        for (ClientEntry client : task.whoWants) {
            outbox.client(client, message);
        }
    }

    /// What clients are told of an erred task: the failure of the task to blame.
    static Command.ClientMessage message(TaskState task) {
        TaskState blame = task.uncommon.blame;
        if (blame == null || task.uncommon.failure == null) {
            throw new IllegalStateException("nothing to blame for " + task);
        }
        return switch (task.uncommon.failure) {
            case Failure.Raised raised -> new Command.TaskErred(task.key, raised.exception(), raised.traceback());
            case Failure.KilledWorkers killed ->
                new Command.TaskKilledWorkers(task.key, blame.key, killed.lastWorker(), killed.allowedFailures());
            case Failure.ActorLost lost -> new Command.ActorLost(task.key);
            case Failure.InputsTooLarge large -> new Command.InputsTooLarge(task.key, blame.key, large);
            case Failure.NoWorker none -> new Command.NoWorker(task.key, blame.key, none);
            case Failure.NoValidWorker none -> new Command.NoValidWorker(task.key, blame.key, none);
        };
    }

    private void erredReleased(TaskState task, Recommendations recommendations) {
        task.blame(null, null);
        boolean later = state.looseEnds.spreads(task, task.dependents);
        for (TaskState dependent : task.dependents) {
            if (dependent.status == ERRED && !later) {
                recommendations.add(dependent, WAITING);
            }
        }
        for (String worker : task.erredOn()) {
            outbox.free(worker, task.key, state.transitions.stimulus);
        }
        task.uncommon().erredOn = null;
        var message = new Command.TaskRetried(task.key);
        for (ClientEntry client : task.whoWants) {
            outbox.client(client, message);
        }
        state.setStatus(task, RELEASED);
    }
}
