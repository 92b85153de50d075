package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the tasks of a group, or of several, did: how many are in each state, what they took, and when they ran.
/// Source of what counts: Dask's `TaskGroup`.
public final class GroupFigures {
    /// What workers do for tasks; anything else they report is counted nowhere.
    public static final List<String> ACTIONS = List.of("compute", "transfer", "disk-read", "disk-write", "deserialize");

    static final int COMPUTE = 0;
    static final int TRANSFER = 1;

    private final long[] states = new long[TaskStatus.values().length];
    private final double[] seconds = new double[ACTIONS.size()];
    private long resultBytes;
    private double start;
    private double stop;

    /// Index in [#ACTIONS]; -1 for one that is not there.
    static int action(String name) {
        return switch (name) {
            case "compute" -> COMPUTE;
            case "transfer" -> TRANSFER;
            case "disk-read" -> 2;
            case "disk-write" -> 3;
            case "deserialize" -> 4;
            default -> -1;
        };
    }

    void add(TaskGroup group) {
        for (int i = 0; i < states.length; i++) {
            states[i] += group.current[i];
        }
        addWork(group.seconds, group.resultBytes, group.start, group.stop);
    }

    void add(GroupFigures other) {
        for (int i = 0; i < states.length; i++) {
            states[i] += other.states[i];
        }
        addWork(other.seconds, other.resultBytes, other.start, other.stop);
    }

    private void addWork(double[] otherSeconds, long otherBytes, double otherStart, double otherStop) {
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] += otherSeconds[i];
        }
        resultBytes += otherBytes;
        if (otherStart != 0 && (start == 0 || otherStart < start)) {
            start = otherStart;
        }
        stop = Math.max(stop, otherStop);
    }

    /// Tasks now in each state; those forgotten since the beginning.
    public Map<TaskStatus, Long> states() {
        Map<TaskStatus, Long> map = new EnumMap<>(TaskStatus.class);
        for (TaskStatus status : TaskStatus.values()) {
            map.put(status, states[status.ordinal()]);
        }
        return map;
    }

    /// Seconds by action, of those that occurred.
    public Map<String, Double> seconds() {
        Map<String, Double> map = new LinkedHashMap<>();
        for (int i = 0; i < seconds.length; i++) {
            if (seconds[i] > 0) {
                map.put(ACTIONS.get(i), seconds[i]);
            }
        }
        return map;
    }

    /// Seconds of all actions.
    public double totalSeconds() {
        double total = 0;
        for (double each : seconds) {
            total += each;
        }
        return total;
    }

    /// Bytes of all results that there ever were.
    public long resultBytes() {
        return resultBytes;
    }

    /// When the first task began to compute, of those that have finished, in the workers' seconds since 1970; 0 if none
    /// has.
    public double start() {
        return start;
    }

    /// When the last one ended, likewise.
    public double stop() {
        return stop;
    }

    /// Whether no task is still to be done.
    public boolean isDone() {
        return states[TaskStatus.WAITING.ordinal()]
                        + states[TaskStatus.NO_WORKER.ordinal()]
                        + states[TaskStatus.QUEUED.ordinal()]
                        + states[TaskStatus.PROCESSING.ordinal()]
                == 0;
    }
}
