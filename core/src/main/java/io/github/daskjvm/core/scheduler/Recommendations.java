package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Tasks and the state each should go to; the one added last goes first, and one that is added again keeps its place.
/// Most hold one or two tasks and are searched from the end; a large one, as for a new graph, has an index.
final class Recommendations {
    private static final int SEARCHED_MAX = 12;

    private @Nullable TaskState[] tasks = new TaskState[4];
    private @Nullable TaskStatus[] statuses = new TaskStatus[4];
    /// Places up to here are in use, except for those whose task was removed.
    private int size;

    private @Nullable Map<TaskState, Integer> index;

    /// What [#poll] has taken out.
    private @Nullable TaskStatus polledStatus;

    /// Is told what transitions recommend; null before the first of them.
    @Nullable
    TransitionLog log;

    void add(TaskState task, TaskStatus status) {
        if (log != null) {
            log.advise(task.key, status);
        }
        int at = find(task);
        if (at >= 0) {
            statuses[at] = status;
            return;
        }
        if (size == tasks.length) {
            tasks = Arrays.copyOf(tasks, 2 * size);
            statuses = Arrays.copyOf(statuses, 2 * size);
        }
        tasks[size] = task;
        statuses[size] = status;
        if (index != null) {
            index.put(task, size);
        }
        size++;
        if (index == null && size > SEARCHED_MAX) {
            makeIndex();
        }
    }

    private void makeIndex() {
        Map<TaskState, Integer> made = new HashMap<>();
        for (int i = 0; i < size; i++) {
            TaskState task = tasks[i];
            if (task != null) {
                made.put(task, i);
            }
        }
        index = made;
    }

    private int find(TaskState task) {
        if (index != null) {
            return index.getOrDefault(task, -1);
        }
        for (int i = size - 1; i >= 0; i--) {
            if (tasks[i] == task) {
                return i;
            }
        }
        return -1;
    }

    /// @return what was recommended for the task; null if nothing was
    @Nullable
    TaskStatus remove(TaskState task) {
        int at = find(task);
        return at < 0 ? null : take(task, at);
    }

    /// Takes out the one that goes first; [#polledStatus] is then the state it should go to.
    ///
    /// @return null if there is none left
    @Nullable
    TaskState poll() {
        while (size > 0) {
            TaskState task = tasks[--size];
            if (task != null) {
                polledStatus = take(task, size);
                return task;
            }
        }
        return null;
    }

    /// Takes out those of which this is so, and tells it of each once.
    void removeIf(BiPredicate<TaskState, TaskStatus> taken) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            TaskState task = tasks[i];
            TaskStatus status = statuses[i];
            if (task == null || status == null) {
                continue;
            }
            if (taken.test(task, status)) {
                if (index != null) {
                    index.remove(task);
                }
                continue;
            }
            tasks[kept] = task;
            statuses[kept] = status;
            if (index != null) {
                index.put(task, kept);
            }
            kept++;
        }
        Arrays.fill(tasks, kept, size, null);
        Arrays.fill(statuses, kept, size, null);
        size = kept;
    }

    /// How many there are at most: what was polled or taken back may be among them.
    int size() {
        return size;
    }

    /// Whether it is empty and has never held many.
    boolean isSmall() {
        return size == 0 && index == null;
    }

    TaskStatus polledStatus() {
        if (polledStatus == null) {
            throw new IllegalStateException("nothing was polled");
        }
        return polledStatus;
    }

    private @Nullable TaskStatus take(TaskState task, int at) {
        TaskStatus status = statuses[at];
        tasks[at] = null;
        statuses[at] = null;
        if (index != null) {
            index.remove(task);
        }
        return status;
    }
}
