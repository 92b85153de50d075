package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tasks of one collection or call. Whether they look like root tasks decides about queuing.
public final class TaskGroup {
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

    /// The span of all its tasks, whatever they are annotated with; null before anything of it was to run.
    @Nullable
    Span span;

    /// What it was made for; null for data that was placed.
    @Nullable
    Computation computation;

    /// Of all its tasks, by the index in [GroupFigures#ACTIONS].
    final double[] seconds = new double[GroupFigures.ACTIONS.size()];

    long resultBytes;
    double start;
    double stop;

    /// Of its latest result: mostly that of the next, which then has the same objects.
    private @Nullable Object type;

    private @Nullable String typeName;

    TaskGroup(String name, TaskPrefix prefix) {
        this.name = name;
        this.prefix = prefix;
    }

    /// Tasks of the group now in that state.
    public int count(TaskStatus status) {
        return current[status.ordinal()];
    }

    /// @return an object that is kept for several tasks, if it is the same
    @Nullable
    Object sharedType(@Nullable Object given) {
        if (!(given instanceof byte[] bytes && type instanceof byte[] known && Arrays.equals(bytes, known))) {
            type = given;
        }
        return type;
    }

    /// Likewise.
    @Nullable
    String sharedTypeName(@Nullable String given) {
        if (!Objects.equals(given, typeName)) {
            typeName = given;
        }
        return typeName;
    }

    void observe(int action, Event.StartStop interval, double duration) {
        seconds[action] += duration;
        if (action == GroupFigures.COMPUTE) {
            if (stop < interval.stop()) {
                stop = interval.stop();
            }
            if (start == 0 || start > interval.start()) {
                start = interval.start();
            }
        }
    }

    boolean isDone() {
        return count(TaskStatus.WAITING)
                        + count(TaskStatus.NO_WORKER)
                        + count(TaskStatus.QUEUED)
                        + count(TaskStatus.PROCESSING)
                == 0;
    }

    /// All its tasks are forgotten.
    void leave() {
        if (span != null) {
            span.groups.forget(this);
        }
        if (computation != null) {
            computation.groups.forget(this);
        }
    }

    public String name() {
        return name;
    }

    public String prefix() {
        return prefix.name;
    }

    /// Null before anything of it was to run.
    public @Nullable String spanId() {
        return span == null ? null : span.id();
    }

    /// Names of the groups that its tasks need results of.
    public List<String> dependencies() {
        List<String> names = new ArrayList<>(dependencies.size());
        for (TaskGroup dependency : dependencies) {
            names.add(dependency.name);
        }
        return names;
    }

    public GroupFigures figures() {
        var figures = new GroupFigures();
        figures.add(this);
        return figures;
    }
}
