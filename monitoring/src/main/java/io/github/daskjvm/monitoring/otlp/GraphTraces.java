package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Failed;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows graphs that are sampled, from their submission until all their traced tasks have come to an end, and has
/// records made of them. A graph has ended when a batch leaves none of its tasks open: within one, a task may well be
/// done and start over. For the event loop's thread, but for [#begins].
final class GraphTraces implements GraphTracing {
    /// Links of one task; OpenTelemetry's own limit is 128 unless it is told another.
    private static final int LINKS_MAX = 1_000;

    private final TraceSink sink;
    private final TraceBounds bounds;
    private final Set<GraphTrace> graphs = new LinkedHashSet<>();
    private final Map<TaskKey, TaskTrace> live = new HashMap<>();
    private final Map<TaskKey, SpanRef> past = new LinkedHashMap<>();
    private final List<GraphTrace> ending = new ArrayList<>();
    private long graphsBeyond;
    private boolean over;

    GraphTraces(TraceSink sink, TraceBounds bounds) {
        this.sink = sink;
        this.bounds = bounds;
    }

    /// Sampled graphs of which nothing was traced, since too many tasks were.
    long graphsBeyond() {
        return graphsBeyond;
    }

    /// Tasks of which something is held.
    int held() {
        return live.size() + past.size();
    }

    @Override
    public void begins(String address) {
        sink.begins(address);
    }

    // ---- graphs ----

    @Override
    public void submitted(Event.UpdateGraph event, List<TaskState> tasks) {
        if (over) {
            return;
        }
        SpanRef ref = SpanRef.first();
        if (!sink.isSampled(ref.traceId())) {
            return;
        }
        int room = Math.min(bounds.tasksOfGraph(), bounds.tasks() - live.size());
        if (room <= 0) {
            graphsBeyond++;
            return;
        }
        TaskKey submitting = event.submittingTask();
        SpanRef submitter = submitting == null ? null : ref(submitting);
        var graph = new GraphTrace(ref, submitter, event, tasks.size(), room, System.nanoTime());
        graphs.add(graph);
        if (tasks.size() <= room) {
            tasks.forEach(task -> add(graph, task));
        } else {
            addEnds(graph, tasks, room);
        }
        if (graph.open == 0) {
            ending.add(graph);
        }
    }

    private void add(GraphTrace graph, TaskState task) {
        task.trace();
        past.remove(task.key());
        TaskTrace before = live.put(task.key(), graph.add(task));
        if (before != null) {
            close(before);
        }
    }

    /// Half of the room for what comes first and half for what comes last, so that the trace ends with the graph.
    private void addEnds(GraphTrace graph, List<TaskState> tasks, int room) {
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (TaskState task : tasks) {
            least = Math.min(least, task.priority().order());
            most = Math.max(most, task.priority().order());
        }
        int first = (room + 1) / 2;
        int last = room - first;
        for (TaskState task : tasks) {
            long order = task.priority().order();
            if (first > 0 && order - least < (room + 1) / 2) {
                first--;
                add(graph, task);
            } else if (last > 0 && most - order < room / 2) {
                last--;
                add(graph, task);
            }
        }
    }

    @Override
    public void batchEnds() {
        if (ending.isEmpty()) {
            return;
        }
        for (GraphTrace graph : ending) {
            if (graph.open == 0 && !graph.ended) {
                end(graph);
            }
        }
        ending.clear();
    }

    private void end(GraphTrace graph) {
        graph.ended = true;
        graphs.remove(graph);
        for (TaskTrace task : graph.tasks) {
            live.remove(task.key, task);
            if (task.ref != null && !task.forgotten) {
                past.put(task.key, task.ref);
            }
        }
        while (past.size() > bounds.pastTasks()) {
            past.remove(past.keySet().iterator().next());
        }
        sink.offer(graph.end());
    }

    @Override
    public void ends() {
        over = true;
        for (GraphTrace graph : List.copyOf(graphs)) {
            for (TaskTrace task : graph.tasks) {
                if (task.running) {
                    end(task, List.of(), Outcome.UNFINISHED, null);
                }
            }
            end(graph);
        }
        ending.clear();
        sink.ends();
    }

    // ---- tasks ----

    private @Nullable SpanRef ref(TaskKey key) {
        TaskTrace task = live.get(key);
        return task == null ? past.get(key) : task.ref;
    }

    @Override
    public void given(TaskState task, String worker, long readyNanos) {
        TaskTrace trace = live.get(task.key());
        if (trace != null) {
            trace.begin(worker, task, links(task), readyNanos, System.nanoTime());
        }
    }

    private List<SpanRef> links(TaskState task) {
        if (task.dependencies().isEmpty()) {
            return List.of();
        }
        List<SpanRef> links = new ArrayList<>(Math.min(task.dependencies().size(), LINKS_MAX));
        for (TaskState dependency : task.dependencies()) {
            SpanRef ref = dependency.isTraced() ? ref(dependency.key()) : null;
            if (ref != null && links.size() < LINKS_MAX) {
                links.add(ref);
            }
        }
        return links;
    }

    @Override
    public void finished(TaskState task, Event.TaskFinished event) {
        TaskTrace trace = live.get(task.key());
        if (trace != null && trace.running) {
            offer(
                    trace,
                    trace.end(
                            event.startStops(),
                            Outcome.MEMORY,
                            event.thread(),
                            event.sizeBytes(),
                            event.typeName(),
                            null));
        }
    }

    @Override
    public void erred(TaskState task, Event.TaskErred event) {
        TaskTrace trace = live.get(task.key());
        if (trace != null && trace.running) {
            end(
                    trace,
                    event.startStops(),
                    Outcome.ERRED,
                    new Failed(
                            FailureTexts.shortened(event.exceptionText()),
                            FailureTexts.shortened(event.tracebackText())));
        }
    }

    @Override
    public void left(TaskState task, boolean workerLost) {
        TaskTrace trace = live.get(task.key());
        if (trace != null && trace.running) {
            Failed failed = workerLost ? new Failed("the worker is gone", "") : null;
            end(trace, List.of(), Outcome.RELEASED, failed);
        }
    }

    private void end(TaskTrace task, List<StartStop> startStops, Outcome outcome, @Nullable Failed failed) {
        offer(task, task.end(startStops, outcome, 0, 0, null, failed));
    }

    private void offer(TaskTrace task, TraceRecord.Attempt attempt) {
        if (!sink.offer(attempt)) {
            task.graph.dropped++;
        }
    }

    @Override
    public void changed(TaskState task, TaskStatus from) {
        TaskTrace trace = live.get(task.key());
        if (trace == null) {
            if (task.status() == TaskStatus.FORGOTTEN) {
                past.remove(task.key());
            }
            return;
        }
        switch (task.status()) {
            case WAITING -> open(trace);
            case MEMORY -> {
                trace.done = true;
                close(trace);
            }
            case ERRED -> {
                failed(task, trace);
                trace.erred = true;
                close(trace);
            }
            case RELEASED -> close(trace);
            case FORGOTTEN -> {
                trace.forgotten = true;
                close(trace);
                live.remove(task.key());
            }
            case QUEUED, NO_WORKER, PROCESSING -> {
                // On its way.
            }
        }
    }

    private void open(TaskTrace task) {
        task.done = false;
        task.erred = false;
        if (!task.open) {
            task.open = true;
            task.graph.open++;
        }
    }

    private void close(TaskTrace task) {
        if (task.open) {
            task.open = false;
            if (--task.graph.open == 0) {
                ending.add(task.graph);
            }
        }
    }

    /// Notes why the first task failed. One that no worker was to blame for has had no attempt, and gets one.
    private void failed(TaskState task, TaskTrace trace) {
        Failure failure = task.failure();
        if (failure == null || task.blame() != task) {
            return;
        }
        String text = FailureTexts.of(failure);
        if (trace.graph.failure == null) {
            trace.graph.failure = text;
        }
        if (failure instanceof Failure.Raised || failure instanceof Failure.KilledWorkers) {
            return;
        }
        trace.begin(null, task, links(task), task.readyNanos(), System.nanoTime());
        end(trace, List.of(), Outcome.ERRED, new Failed(text, ""));
    }
}
