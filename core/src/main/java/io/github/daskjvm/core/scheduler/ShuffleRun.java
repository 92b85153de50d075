package io.github.daskjvm.core.scheduler;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One run of a peer-to-peer shuffle, from the first task that needs it until its barrier is released or a worker that
/// takes part is lost; touched by the loop's thread alone. A shuffle that starts over has another run, with a larger
/// number.
public final class ShuffleRun {
    final String id;
    final long runId;
    final TaskState barrier;
    final Map<Object, String> workerFor;
    final Object runSpec;
    final Set<String> participants;
    /// Output tasks that were bound to the worker of their partition, with what bound them before; null for nothing.
    final Map<TaskState, @Nullable List<String>> restricted = new LinkedHashMap<>();
    /// A task of it has failed, which is told once.
    boolean failed;

    ShuffleRun(Event.ShuffleStarted started, TaskState barrier) {
        this.id = started.shuffle();
        this.runId = started.runId();
        this.barrier = barrier;
        this.workerFor = started.workerFor();
        this.runSpec = started.runSpec();
        this.participants = new LinkedHashSet<>(started.workerFor().values());
        this.participants.add(started.worker());
    }

    public String id() {
        return id;
    }

    public long runId() {
        return runId;
    }

    /// Which worker, by address, holds each output partition; a partition is a number or a list of numbers.
    public Map<Object, String> workerFor() {
        return Collections.unmodifiableMap(workerFor);
    }

    /// Opaque: what a worker makes its part of the run from.
    public Object runSpec() {
        return runSpec;
    }

    /// Addresses of workers that hold output partitions, or have asked for the run.
    public Set<String> participants() {
        return Collections.unmodifiableSet(participants);
    }

    /// As Dask's scheduler names it in its messages.
    @Override
    public String toString() {
        return "SchedulerShuffleState<" + id + "[" + runId + "]>";
    }
}
