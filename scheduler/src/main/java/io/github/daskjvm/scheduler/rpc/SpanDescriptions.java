package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Computation;
import io.github.daskjvm.core.scheduler.GroupFigures;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Span;
import io.github.daskjvm.core.scheduler.Spans;
import io.github.daskjvm.core.scheduler.TaskGroup;
import io.github.daskjvm.core.scheduler.ThreadsHistory;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.scheduler.peers.Snippets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Spans, computations and task groups in words that go over the wire, with the names that they have in Dask's classes.
/// Times are seconds since 1970. To be used by the loop's thread.
final class SpanDescriptions {
    private static final List<String> SOURCE_CODE = List.of("code", "lineno_frame", "lineno_relative", "filename");

    private final Snippets snippets;
    private final double now;

    /// @param now seconds since 1970
    SpanDescriptions(Snippets snippets, double now) {
        this.snippets = snippets;
        this.now = now;
    }

    /// All spans by id, in order of appearance.
    Map<String, Object> spans(SchedulerState state) {
        Map<String, Object> spans = new LinkedHashMap<>();
        for (Span span : state.spans().all()) {
            spans.put(span.id(), span(state.spans(), span));
        }
        return spans;
    }

    Map<String, @Nullable Object> span(Spans spans, Span span) {
        GroupFigures figures = span.figures();
        double enqueued = Stories.seconds(span.enqueuedNanos());
        boolean done = figures.isDone();
        // What comes from other clocks may be a little off.
        double start = figures.start() == 0 ? 0 : Math.max(figures.start(), enqueued);
        double stop = Math.max(done ? figures.stop() : now, enqueued);
        Span parent = span.parent();
        List<String> children = new ArrayList<>();
        for (Span child : span.children()) {
            children.add(child.id());
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", span.id());
        map.put("name", span.name());
        map.put("parent", parent == null ? null : parent.id());
        map.put("children", children);
        map.put("enqueued", enqueued);
        map.put("start", start);
        map.put("stop", stop);
        map.put("done", done);
        map.put("groups", span.groups().names());
        putFigures(map, figures);
        map.put("code", code(span.code()));
        map.put("metadata", Map.of("collections", collections(span.metadata())));
        double active = 0;
        List<List<Object>> intervals = new ArrayList<>();
        for (ThreadsHistory.Interval interval : spans.threads(span.enqueuedNanos(), Stories.nanos(stop))) {
            double from = Stories.seconds(interval.startNanos());
            double to = Stories.seconds(interval.stopNanos());
            intervals.add(List.of(from, to, interval.threads()));
            active += (to - from) * interval.threads();
        }
        map.put("nthreads_intervals", intervals);
        map.put("active_cpu_seconds", active);
        map.put("cumulative_worker_metrics", withIdle(span.metrics().copy(), active));
        return map;
    }

    /// With what of the cluster's time was spent otherwise; source: `Span.cumulative_worker_metrics`.
    private static List<List<@Nullable Object>> withIdle(Map<List<@Nullable Object>, Number> metrics, double active) {
        double known = 0;
        for (Map.Entry<List<@Nullable Object>, Number> entry : metrics.entrySet()) {
            List<@Nullable Object> name = entry.getKey();
            if ("execute".equals(name.getFirst()) && "seconds".equals(name.getLast())) {
                known += entry.getValue().doubleValue();
            }
        }
        List<List<@Nullable Object>> rows = rows(metrics);
        rows.add(List.of("execute", "N/A", "idle or other spans", "seconds", Math.max(0, active - known)));
        return rows;
    }

    /// Each metric as the parts of its name and its value.
    static List<List<@Nullable Object>> rows(Map<List<@Nullable Object>, Number> metrics) {
        List<List<@Nullable Object>> rows = new ArrayList<>(metrics.size() + 1);
        metrics.forEach((name, value) -> {
            List<@Nullable Object> row = new ArrayList<>(name);
            row.add(value);
            rows.add(row);
        });
        return rows;
    }

    /// Oldest first.
    List<Map<String, @Nullable Object>> computations(SchedulerState state) {
        List<Map<String, @Nullable Object>> computations = new ArrayList<>();
        for (Computation computation : state.computations()) {
            GroupFigures figures = computation.groups().figures();
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            map.put("id", computation.number());
            map.put("start", Stories.seconds(computation.startNanos()));
            map.put("stop", computation.groups().count() == 0 ? -1.0 : figures.stop());
            map.put("done", figures.isDone());
            map.put("groups", computation.groups().names());
            putFigures(map, figures);
            map.put("code", code(computation.code()));
            Map<Object, @Nullable Object> annotations = new LinkedHashMap<>();
            for (Object number : computation.annotations()) {
                if (snippets.get(number) instanceof Map<?, ?> given) {
                    annotations.putAll(given);
                }
            }
            map.put("annotations", annotations);
            computations.add(map);
        }
        return computations;
    }

    static Map<String, @Nullable Object> group(TaskGroup group) {
        GroupFigures figures = group.figures();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("name", group.name());
        map.put("prefix", group.prefix());
        map.put("span_id", group.spanId());
        map.put("dependencies", group.dependencies());
        map.put("start", figures.start());
        map.put("stop", figures.stop());
        map.put("done", figures.isDone());
        putFigures(map, figures);
        return map;
    }

    private static void putFigures(Map<String, @Nullable Object> map, GroupFigures figures) {
        Map<String, Long> states = new LinkedHashMap<>();
        for (Map.Entry<TaskStatus, Long> entry : figures.states().entrySet()) {
            states.put(entry.getKey().wireName(), entry.getValue());
        }
        map.put("states", states);
        map.put("all_durations", figures.seconds());
        map.put("duration", figures.totalSeconds());
        map.put("nbytes_total", figures.resultBytes());
    }

    /// For each place in a client's program its frames, outermost first.
    private List<List<Map<String, @Nullable Object>>> code(Collection<Object> numbers) {
        List<List<Map<String, @Nullable Object>>> places = new ArrayList<>();
        for (Object number : numbers) {
            if (snippets.get(number) instanceof List<?> frames) {
                List<Map<String, @Nullable Object>> place = new ArrayList<>();
                for (Object frame : frames) {
                    if (frame instanceof PickleReader.Opaque made && made.arguments() instanceof List<?> values) {
                        Map<String, @Nullable Object> map = new LinkedHashMap<>();
                        for (int i = 0; i < Math.min(values.size(), SOURCE_CODE.size()); i++) {
                            map.put(SOURCE_CODE.get(i), values.get(i));
                        }
                        place.add(map);
                    }
                }
                places.add(place);
            }
        }
        return places;
    }

    private List<@Nullable Object> collections(List<Object> numbers) {
        List<@Nullable Object> collections = new ArrayList<>();
        for (Object number : numbers) {
            if (snippets.get(number) instanceof Map<?, ?> metadata
                    && metadata.get("collections") instanceof List<?> given) {
                collections.addAll(given);
            }
        }
        return collections;
    }
}
