package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tasks that are to make a transition which may come a little later: what very many transitions in one step have
/// left over. What it is follows from the task's own state when its turn comes, so that whatever happened meanwhile
/// counts, and nothing has to be taken back.
final class LooseEnds {
    private final SchedulerState state;
    /// With what they are due to.
    private final Map<TaskState, String> tasks = new LinkedHashMap<>();

    LooseEnds(SchedulerState state) {
        this.state = state;
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    boolean contains(TaskState task) {
        return !tasks.isEmpty() && tasks.containsKey(task);
    }

    void remove(TaskState task) {
        if (!tasks.isEmpty()) {
            tasks.remove(task);
        }
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

    /// Does now what the task is to do, if it is among these. What that leads to waits in its place.
    void settle(TaskState task) {
        if (tasks.isEmpty()) {
            return;
        }
        String cause = tasks.remove(task);
        if (cause != null) {
            var recommendations = new Recommendations();
            recommend(task, recommendations);
            state.transitions.runFirst(recommendations, cause);
        }
    }

    private void recommend(TaskState task, Recommendations recommendations) {
        TaskStatus to = due(task);
        if (to == null) {
            if (task.status == TaskStatus.ERRED) {
                failAgain(task, recommendations);
            } else if (isOnItsWayWithoutAnInput(task)) {
                recommendations.add(task, TaskStatus.RELEASED);
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
        task.waiters = OrderedSet.none();
    }

    /// Whether it was to fail, as an actor that it needs was lost, and somebody has retried that meanwhile: it
    /// has to begin anew and wait for it.
    private static boolean isOnItsWayWithoutAnInput(TaskState task) {
        return switch (task.status) {
            case WAITING, NO_WORKER, QUEUED, PROCESSING -> {
                for (TaskState dependency : task.dependencies) {
                    if (!dependency.waiters.contains(task)) {
                        yield true;
                    }
                }
                yield false;
            }
            case RELEASED, MEMORY, ERRED, FORGOTTEN -> false;
        };
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
                yield failedInput(task) == null ? null : TaskStatus.ERRED;
            }
        };
    }

    private static boolean isLost(TaskState task) {
        return task.hasLostDependencies || task.isUseless();
    }

    private static @Nullable TaskState failedInput(TaskState task) {
        for (TaskState dependency : task.dependencies) {
            boolean unnoticed = dependency.status == TaskStatus.ERRED && !dependency.waiters.contains(task);
            if (unnoticed || FailureTransitions.hasFailed(dependency)) {
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

    /// Not what is gone from its workers already: others take a task in memory to be held, one that is processed to be
    /// on a worker that is there, and an actor to live. Nor what its inputs still take for one that is on its way.
    private static boolean canWait(TaskState task, TaskStatus to) {
        WorkerEntry worker = task.processingOn;
        boolean there = worker == null || worker.status != WorkerStatus.CLOSED;
        boolean inMemory = task.status != TaskStatus.MEMORY || !(task.whoHas.isEmpty() || task.options.actor());
        boolean own = to == TaskStatus.ERRED && task.uncommon.blame == task;
        return there && inMemory && !own && !(task.status == TaskStatus.RELEASED && isAWaiter(task));
    }
}
