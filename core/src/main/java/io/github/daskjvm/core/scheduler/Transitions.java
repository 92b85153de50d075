package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The transition table of a task, and the engine that runs what one transition recommends for others until
/// nothing is recommended any more. A pair that is not in the table goes through `released`; source of this rule
/// and of the order: Dask's `SchedulerState._transition` and `_transitions`.
final class Transitions {
    /// One cell of the table: changes the task, and recommends for others.
    @FunctionalInterface
    interface Transition {
        void run(TaskState task, Recommendations recommendations);
    }

    private final Map<TaskStatus, Map<TaskStatus, Transition>> table = new EnumMap<>(TaskStatus.class);
    private final VisitedTransitions visited = VisitedTransitions.INSTANCE;
    /// What the present transitions are due to; goes into messages.
    String stimulus = "";

    private final SchedulerState state;
    /// Most recommendations are one or two, and worked off before there are others: they share an object.
    private @Nullable Recommendations spare = new Recommendations();

    Transitions(SchedulerState state, Outbox outbox) {
        this.state = state;
        for (TaskStatus from : TaskStatus.values()) {
            table.put(from, new EnumMap<>(TaskStatus.class));
        }
        new SubmitTransitions(state).register(this);
        new ProgressTransitions(state, outbox).register(this);
        new FailureTransitions(state, outbox).register(this);
        new ReleaseTransitions(state, outbox).register(this);
    }

    void register(TaskStatus from, TaskStatus to, Transition transition) {
        if (row(from).put(to, transition) != null) {
            throw new IllegalStateException("two transitions from " + from + " to " + to);
        }
    }

    private Map<TaskStatus, Transition> row(TaskStatus from) {
        Map<TaskStatus, Transition> row = table.get(from);
        if (row == null) {
            throw new IllegalStateException("no row for " + from);
        }
        return row;
    }

    /// The table's cells as `from -> to`, in order.
    Map<TaskStatus, Map<TaskStatus, Transition>> table() {
        return table;
    }

    /// Brings the task to the status, and everything that follows. What is more than a slice and may be done later is
    /// left to [LooseEnds].
    void transition(TaskState task, TaskStatus to, String cause) {
        Recommendations recommendations = borrow();
        recommendations.add(task, to);
        run(recommendations, cause);
        giveBack(recommendations);
    }

    /// Empty ones, to be run and then given back.
    Recommendations borrow() {
        Recommendations borrowed = spare == null ? new Recommendations() : spare;
        spare = null;
        return borrowed;
    }

    /// @param recommendations which nobody knows any more
    void giveBack(Recommendations recommendations) {
        if (recommendations.isSmall()) {
            recommendations.log = null;
            spare = recommendations;
        }
    }

    void run(Recommendations recommendations, String cause) {
        stimulus = cause;
        int left = state.slices.size;
        for (TaskState task = recommendations.poll(); task != null; task = recommendations.poll()) {
            left -= 1 + task.dependencies.size();
            step(task, recommendations.polledStatus(), recommendations);
            if (left <= 0) {
                state.looseEnds.takeFrom(recommendations, cause);
                // What is left can't wait, and is not looked through again after every slice.
                left = Math.max(state.slices.size, recommendations.size() / 8);
            }
        }
    }

    /// As [#run], but that what the first transition leads to is left to [LooseEnds] as far as it can be.
    void runFirst(Recommendations recommendations, String cause) {
        stimulus = cause;
        TaskState task = recommendations.poll();
        if (task != null) {
            step(task, recommendations.polledStatus(), recommendations);
            state.looseEnds.takeFrom(recommendations, cause);
            run(recommendations, cause);
        }
    }

    /// One transition; what it recommends is added, not run.
    void step(TaskState task, TaskStatus to, Recommendations recommendations) {
        TaskStatus from = task.status;
        if (from == to || from == TaskStatus.FORGOTTEN) {
            return;
        }
        Transition direct = row(from).get(to);
        if (direct != null) {
            visited.mark(from, to);
            if (!state.shuffles.isIdle()) {
                state.shuffles.transition(task, to, stimulus);
            }
            TransitionLog log = state.log;
            long advice = log.nextAdvice();
            recommendations.log = log;
            direct.run(task, recommendations);
            log.add(task.key, from, task.status, stimulus, state.nowNanos, advice);
            return;
        }
        if (from == TaskStatus.RELEASED || to == TaskStatus.RELEASED) {
            throw new IllegalStateException("impossible transition of " + task + " to " + to);
        }
        step(task, TaskStatus.RELEASED, recommendations);
        TaskStatus own = recommendations.remove(task);
        step(task, own == null ? to : own, recommendations);
    }

    /// The client no longer wants the task; if nobody does, it is released or forgotten.
    void release(ClientEntry client, TaskState task, Recommendations recommendations) {
        if (!client.wants.remove(task)) {
            return;
        }
        task.whoWants = task.whoWants.without(client);
        if (!task.whoWants.isEmpty() || task.held) {
            return;
        }
        if (task.dependents.isEmpty()) {
            recommendations.add(task, TaskStatus.FORGOTTEN);
        } else if (task.status != TaskStatus.ERRED && task.waiters.isEmpty()) {
            recommendations.add(task, TaskStatus.RELEASED);
        }
    }

    /// A task that was only to run, whatever its result, has run.
    void releaseFireAndForget(TaskState task, Recommendations recommendations) {
        for (ClientEntry client : task.whoWants) {
            if (client.id.equals(SchedulerState.FIRE_AND_FORGET)) {
                release(client, task, recommendations);
                return;
            }
        }
    }
}
