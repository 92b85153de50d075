package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.ERRED;
import static io.github.daskjvm.core.model.TaskStatus.MEMORY;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;
import static io.github.daskjvm.core.model.TaskStatus.WAITING;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Faults for tests, put into the transition table of one state. In the core's package, since from nowhere else can
/// they be; and only in a test's class path.
public final class Corruption {
    private Corruption() {}

    /// Has each transition that runs told, as `from -> to`.
    ///
    /// @return all there are
    public static Set<String> watch(SchedulerState state, Consumer<String> told) {
        Set<String> all = new LinkedHashSet<>();
        state.transitions
                .table()
                .forEach((from, row) -> row.replaceAll((to, transition) -> {
                    String name = from.wireName() + " -> " + to.wireName();
                    all.add(name);
                    return (task, recommendations) -> {
                        told.accept(name);
                        transition.run(task, recommendations);
                    };
                }));
        return all;
    }

    /// What only the finished task needed stays.
    public static void forgetToRelease(SchedulerState state) {
        after(state, PROCESSING, MEMORY, (task, recommendations) -> task.dependencies.forEach(recommendations::remove));
    }

    public static void doubleCountOccupancy(SchedulerState state) {
        after(state, WAITING, PROCESSING, (task, recommendations) -> {
            WorkerEntry worker = task.processingOn;
            if (worker != null && !task.dependencies.isEmpty()) {
                worker.processingByPrefix.add(task.group.prefix, 1);
            }
        });
    }

    /// An input does not know who waits for it, if that is not the only one.
    public static void loseWaiter(SchedulerState state) {
        after(state, RELEASED, WAITING, (task, recommendations) -> {
            for (TaskState dependency : task.dependencies) {
                if (dependency.waiters.size() > 1) {
                    dependency.removeWaiter(task);
                    return;
                }
            }
        });
    }

    /// A task that is taken off its worker goes on holding its resources there.
    public static void keepResource(SchedulerState state) {
        Transitions.Transition[] whole = new Transitions.Transition[1];
        whole[0] = replace(state, PROCESSING, RELEASED, (task, recommendations) -> {
            WorkerEntry worker = task.processingOn;
            whole[0].run(task, recommendations);
            if (worker != null) {
                Restrictions.acquire(task, worker);
            }
        });
    }

    /// What waits for a task that fails is not told.
    public static void failAlone(SchedulerState state) {
        Transitions.Transition[] whole = new Transitions.Transition[1];
        whole[0] = replace(state, PROCESSING, ERRED, (task, recommendations) -> {
            List<TaskState> waiters = List.copyOf(task.waiters);
            whole[0].run(task, recommendations);
            waiters.forEach(recommendations::remove);
        });
    }

    /// Only workers that hold outputs of a shuffle are known to take part in it.
    public static void forgetParticipants(SchedulerState state) {
        after(state, WAITING, PROCESSING, (task, recommendations) -> {
            for (ShuffleRun run : state.shuffles.active()) {
                run.participants.retainAll(run.workerFor.values());
            }
        });
    }

    /// A task that is done again may fail once more than before.
    public static void giveRetriesBack(SchedulerState state) {
        after(state, PROCESSING, RELEASED, (task, recommendations) -> task.uncommon().retries++);
    }

    public static void forgetDurations(SchedulerState state) {
        after(state, PROCESSING, MEMORY, (task, recommendations) -> task.group.prefix.durationSeconds = -1);
    }

    /// The number of the task's present attempt; -1 for a task not known.
    public static long runId(SchedulerState state, Event.TaskFinished finished) {
        TaskState task = state.tasks.get(finished.key());
        return task == null ? -1 : task.runId;
    }

    private static void after(SchedulerState state, TaskStatus from, TaskStatus to, Transitions.Transition fault) {
        Transitions.Transition[] whole = new Transitions.Transition[1];
        whole[0] = replace(state, from, to, (task, recommendations) -> {
            whole[0].run(task, recommendations);
            fault.run(task, recommendations);
        });
    }

    private static Transitions.Transition replace(
            SchedulerState state, TaskStatus from, TaskStatus to, Transitions.Transition by) {
        Transitions.Transition before = state.transitions.table().get(from).put(to, by);
        if (before == null) {
            throw new IllegalArgumentException("there is no transition from " + from + " to " + to);
        }
        return before;
    }
}
