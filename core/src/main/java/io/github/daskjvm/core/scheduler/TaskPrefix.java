package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.TaskStatus;

/// What tasks with the same prefix have in common: how long they take, and what became of them.
public final class TaskPrefix {
    final String name;
    /// Moving average; negative until one has finished.
    double durationSeconds = -1;
    /// Times a task of the prefix entered each state, by ordinal of [TaskStatus].
    final long[] entered = new long[TaskStatus.values().length];
    /// Tasks of the prefix now in each state.
    final int[] current = new int[TaskStatus.values().length];
    /// Longest that a running task of the prefix was seen to run, while none has finished.
    double longestRunningSeconds = -1;

    /// Configured as so short that its tasks are never stolen.
    boolean fast;

    double computeSeconds;
    double transferSeconds;
    long suspicious;
    long storedBytes;

    /// What the tasks took; one of several prefixes where there are many.
    final Histogram durations;

    TaskPrefix(String name, Histogram durations) {
        this.name = name;
        this.durations = durations;
    }

    public String name() {
        return name;
    }

    /// Moving average of what its tasks took, in seconds; negative until one has finished.
    public double durationSeconds() {
        return durationSeconds;
    }

    /// Half the newest, half what was: Dask's moving average.
    void observeDuration(double seconds) {
        durationSeconds = durationSeconds < 0 ? seconds : 0.5 * seconds + 0.5 * durationSeconds;
    }

    /// A task of the prefix is running since so long. One that runs far over the average makes it void.
    void observeRunning(double seconds) {
        longestRunningSeconds = Math.max(longestRunningSeconds, seconds);
        if (seconds > 2 * durationSeconds) {
            durationSeconds = -1;
        }
    }

    /// The moving average; before there is one twice the longest that a task was seen to run, as in Dask, or else as
    /// given.
    double assumedSeconds(double unknownSeconds) {
        if (durationSeconds >= 0) {
            return durationSeconds;
        }
        return longestRunningSeconds > 0 ? 2 * longestRunningSeconds : unknownSeconds;
    }

    /// Bytes of the results that are there.
    public long storedBytes() {
        return storedBytes;
    }

    /// Tasks of the prefix now in that state.
    public int count(TaskStatus status) {
        return current[status.ordinal()];
    }
}
