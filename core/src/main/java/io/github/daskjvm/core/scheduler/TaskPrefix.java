package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.HashMap;
import java.util.Map;

/// What tasks with the same prefix have in common: how long they take, and what became of them.
public final class TaskPrefix {
    final String name;
    /// Moving average; negative until one has finished.
    double durationSeconds = -1;
    /// Times a task of the prefix entered each state, by ordinal of [TaskStatus].
    final long[] entered = new long[TaskStatus.values().length];
    /// Tasks of the prefix now in each state.
    final int[] current = new int[TaskStatus.values().length];
    final Map<String, Double> secondsByAction = new HashMap<>();
    long suspicious;
    long storedBytes;

    TaskPrefix(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /// Tasks of the prefix now in that state.
    public int count(TaskStatus status) {
        return current[status.ordinal()];
    }
}
