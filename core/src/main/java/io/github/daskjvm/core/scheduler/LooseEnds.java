package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tasks that are to make a transition which may come a little later: what very many transitions in one step have
/// left over. What it is follows from the task's own state when its turn comes, so that whatever happened meanwhile
/// counts, and nothing has to be taken back.
///
/// What a task that very many others need has come to, as it is lost, fails and so on, is not even recommended for
/// each of them, which would take too long: it is spread among them later. Until then those that wait or are held
/// back do so as if nothing had happened, and are found to be loose by what they need.
final class LooseEnds {
    private final SchedulerState state;
    /// With what they are due to.
    private final Map<TaskState, String> tasks = new LinkedHashMap<>();
    /// By the task that others need.
    private final Map<TaskState, Spread> spreads = new LinkedHashMap<>();

    LooseEnds(SchedulerState state) {
        this.state = state;
    }

    boolean isEmpty() {
        return tasks.isEmpty() && spreads.isEmpty();
    }

    boolean contains(TaskState task) {
        return (!tasks.isEmpty() && tasks.containsKey(task)) || spreadTo(task) != null;
    }

    /// What is still to reach the task and makes a difference to it.
    private @Nullable Spread spreadTo(TaskState task) {
        if (!spreads.isEmpty() && mayWait(task)) {
            if (task.hasLostDependencies && task.status != TaskStatus.ERRED) {
                return spreads.values().iterator().next(); // What it needed is not among its inputs any more.
            }
            for (TaskState dependency : task.dependencies) {
                Spread spread = spreads.get(dependency);
                if (spread != null && due(task) != null) {
                    return spread;
                }
            }
        }
        return null;
    }

    /// Whether it may do for a while as if nothing had happened to what it needs.
    static boolean mayWait(TaskState task) {
        return switch (task.status) {
            case WAITING, QUEUED, NO_WORKER, ERRED -> true;
            case RELEASED, PROCESSING, MEMORY, FORGOTTEN -> false;
        };
    }

    /// The task is lost, forgotten, has failed, or is tried again. If that is something to very many, then what is
    /// to become of those that need it and [#mayWait] follows in slices.
    ///
    /// @param affected dependents of the task
    /// @return whether it does
    boolean spreads(TaskState task, Collection<TaskState> affected) {
        if (affected.size() <= state.slices.size) {
            return false;
        }
        spreads.put(task, new Spread(task, state.transitions.stimulus));
        return true;
    }

    /// Takes from the recommendations what can wait.
    void takeFrom(Recommendations recommendations, String cause) {
        recommendations.removeIf((task, to) -> {
            TaskStatus due = due(task);
            boolean same = due == to || (due == TaskStatus.FORGOTTEN && to == TaskStatus.RELEASED);
            if (!same || !canWait(task, to)) {
                return false;
            }
            if (task.status != TaskStatus.ERRED) {
                // So that it looks as if no failure had been noticed yet; it may have been to fail before this.
                task.blame(null, null);
            }
            tasks.putIfAbsent(task, cause);
            return true;
        });
    }

    /// As much as a slice.
    void step() {
        int left = state.slices.size;
        while (left > 0 && !spreads.isEmpty()) {
            left = spread(left);
        }
        while (left > 0 && !tasks.isEmpty()) {
            var recommendations = new Recommendations();
            Iterator<Map.Entry<TaskState, String>> each = tasks.entrySet().iterator();
            String cause = "";
            while (each.hasNext() && left > 0) {
                Map.Entry<TaskState, String> entry = each.next();
                if (!cause.isEmpty() && !cause.equals(entry.getValue())) {
                    break;
                }
                cause = entry.getValue();
                each.remove();
                left -= 1 + entry.getKey().dependencies.size();
                recommend(entry.getKey(), recommendations);
            }
            state.transitions.run(recommendations, cause);
        }
    }

    /// @return what of the slice is left
    private int spread(int most) {
        int left = most;
        Map.Entry<TaskState, Spread> first = spreads.entrySet().iterator().next();
        Spread spread = first.getValue();
        var recommendations = new Recommendations();
        while (left > 0 && !spread.isOver()) {
            TaskState task = spread.next();
            left--;
            if (mayWait(task)) {
                left -= task.dependencies.size();
                recommend(task, recommendations);
            }
        }
        if (spread.isOver()) {
            spreads.remove(first.getKey());
        }
        state.transitions.run(recommendations, spread.cause);
        return left;
    }

    /// Does now what the task is to do, if it is among these. What that leads to waits in its place.
    ///
    /// @return whether it is
    boolean settle(TaskState task) {
        if (isEmpty()) {
            return false;
        }
        String cause = tasks.remove(task);
        if (cause == null) {
            Spread spread = spreadTo(task);
            if (spread == null) {
                return false;
            }
            cause = spread.cause;
        }
        var recommendations = new Recommendations();
        recommend(task, recommendations);
        state.transitions.runFirst(recommendations, cause);
        return true;
    }

    private void recommend(TaskState task, Recommendations recommendations) {
        TaskStatus to = due(task);
        if (to == null) {
            if (task.status == TaskStatus.ERRED) {
                failAgain(task, recommendations);
            }
            return;
        }
        if (to == TaskStatus.ERRED) {
            TaskState failed = failedInput(task);
            if (failed != null) {
                FailureTransitions.blame(task, failed);
            }
        }
        recommendations.add(task, to);
    }

    /// It was to run again for these, and what it failed for has failed anew.
    private static void failAgain(TaskState task, Recommendations recommendations) {
        for (TaskState waiter : task.waiters) {
            FailureTransitions.blame(waiter, task);
            recommendations.add(waiter, TaskStatus.ERRED);
        }
    }

    /// What is to become of a task by the state it is in; null for nothing.
    private static @Nullable TaskStatus due(TaskState task) {
        return switch (task.status) {
            case FORGOTTEN -> null;
            case RELEASED -> {
                if (isLost(task)) {
                    yield TaskStatus.FORGOTTEN;
                }
                yield task.isNeeded() && task.runSpec != null ? TaskStatus.WAITING : null;
            }
            case MEMORY -> {
                if (task.isUseless()) {
                    yield TaskStatus.FORGOTTEN;
                }
                yield task.isNeeded() ? null : TaskStatus.RELEASED;
            }
            case ERRED -> {
                if (task.isUseless()) {
                    yield TaskStatus.FORGOTTEN;
                }
                yield FailureTransitions.hasFailed(task) ? null : TaskStatus.WAITING;
            }
            case WAITING, NO_WORKER, QUEUED, PROCESSING -> {
                if (isLost(task)) {
                    yield TaskStatus.FORGOTTEN;
                }
                if (!task.isNeeded()) {
                    yield TaskStatus.RELEASED;
                }
                if (failedInput(task) != null) {
                    yield TaskStatus.ERRED;
                }
                yield isHeldBack(task) && lacksInput(task) ? TaskStatus.WAITING : null;
            }
        };
    }

    private static boolean isHeldBack(TaskState task) {
        return task.status == TaskStatus.QUEUED || task.status == TaskStatus.NO_WORKER;
    }

    private static boolean lacksInput(TaskState task) {
        for (TaskState dependency : task.dependencies) {
            if (dependency.whoHas.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLost(TaskState task) {
        return task.hasLostDependencies || task.isUseless();
    }

    private static @Nullable TaskState failedInput(TaskState task) {
        for (TaskState dependency : task.dependencies) {
            if (FailureTransitions.hasFailed(dependency)) {
                return dependency;
            }
        }
        return null;
    }

    private static boolean isAWaiter(TaskState task) {
        for (TaskState dependency : task.dependencies) {
            if (dependency.waiters.contains(task)) {
                return true;
            }
        }
        return false;
    }

    /// Not what is gone from its workers already: others take a task in memory to be held, one that is processed
    /// to be on a worker that is there, and an actor to live. Nor what its inputs still take for one that is on its
    /// way. Nor what is on a worker and lacks an input, which may come back meanwhile and have another size.
    private static boolean canWait(TaskState task, TaskStatus to) {
        WorkerEntry worker = task.processingOn;
        boolean there = worker == null || (worker.status != WorkerStatus.CLOSED && !lacksInput(task));
        boolean inMemory = task.status != TaskStatus.MEMORY || !(task.whoHas.isEmpty() || task.options.actor());
        boolean own = to == TaskStatus.ERRED && task.uncommon.blame == task;
        return there && inMemory && !own && !(task.status == TaskStatus.RELEASED && isAWaiter(task));
    }
}
