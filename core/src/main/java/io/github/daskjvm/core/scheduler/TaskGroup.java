package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tasks of one collection or call. Whether they look like root tasks decides about queuing.
final class TaskGroup {
    final String name;
    final TaskPrefix prefix;
    final Set<TaskGroup> dependencies = new LinkedHashSet<>(4);
    final int[] current = new int[TaskStatus.values().length];
    /// Tasks ever added.
    int size;
    /// Where the last root task went, and how many more shall follow it there.
    @Nullable
    WorkerEntry lastWorker;

    int lastWorkerTasksLeft;

    TaskGroup(String name, TaskPrefix prefix) {
        this.name = name;
        this.prefix = prefix;
    }

    int count(TaskStatus status) {
        return current[status.ordinal()];
    }
}
