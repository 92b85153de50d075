package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.core.scheduler.TaskState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A traced task whose graph has not ended. For the event loop's thread.
final class TaskTrace {
    /// Actions of one attempt that become spans.
    static final int ACTIONS_MAX = 256;

    final GraphTrace graph;
    final TaskKey key;
    private final String prefix;
    private final String group;

    /// Of the latest attempt; null before the first.
    @Nullable
    SpanRef ref;

    /// It has yet to come to an end.
    boolean open = true;

    boolean done;
    boolean erred;
    boolean forgotten;
    /// It is on a worker.
    boolean running;

    private int attempts;
    private List<SpanRef> links = List.of();
    private int dependencies;
    private @Nullable String worker;
    private long runId;
    private long readyNanos;
    private long givenNanos;
    /// Until when, by its worker's clock, actions have been told of with an earlier attempt: some workers repeat them.
    private double toldSeconds = Double.NEGATIVE_INFINITY;

    TaskTrace(GraphTrace graph, TaskState task) {
        this.graph = graph;
        this.key = task.key();
        this.prefix = task.prefix();
        this.group = task.group();
    }

    /// The next attempt begins.
    ///
    /// @param worker null if the task fails before it is given to any
    void begin(@Nullable String worker, TaskState task, List<SpanRef> links, long readyNanos, long nowNanos) {
        if (worker == null || !worker.equals(this.worker)) {
            toldSeconds = Double.NEGATIVE_INFINITY;
        }
        this.worker = worker;
        this.links = links;
        this.dependencies = task.dependencies().size();
        this.runId = task.runId();
        this.readyNanos = readyNanos == 0 ? nowNanos : Math.max(readyNanos, graph.submittedNanos);
        this.givenNanos = nowNanos;
        ref = graph.ref.another();
        attempts++;
        running = true;
    }

    /// The attempt is over.
    TraceRecord.Attempt end(
            List<StartStop> startStops,
            TraceRecord.Outcome outcome,
            long thread,
            long sizeBytes,
            @Nullable String typeName,
            TraceRecord.@Nullable Failed failure) {
        running = false;
        SpanRef span = ref == null ? graph.ref.another() : ref;
        return new TraceRecord.Attempt(
                span,
                graph.ref,
                graph.epoch(graph.arrivedNanos),
                key,
                prefix,
                group,
                links,
                dependencies,
                worker,
                runId,
                attempts,
                graph.epoch(readyNanos),
                worker == null ? 0 : graph.epoch(givenNanos),
                graph.epoch(System.nanoTime()),
                ownActions(startStops),
                outcome,
                thread,
                sizeBytes,
                typeName,
                failure);
    }

    private List<StartStop> ownActions(List<StartStop> startStops) {
        if (toldSeconds == Double.NEGATIVE_INFINITY && startStops.size() <= ACTIONS_MAX) {
            for (StartStop each : startStops) {
                toldSeconds = Math.max(toldSeconds, each.stop());
            }
            return startStops;
        }
        double told = toldSeconds;
        List<StartStop> own = new ArrayList<>();
        for (StartStop each : startStops) {
            if (each.stop() > told && own.size() < ACTIONS_MAX) {
                own.add(each);
            }
            toldSeconds = Math.max(toldSeconds, each.stop());
        }
        return own;
    }
}
