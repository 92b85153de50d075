package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All spans. Every task group that has something to run belongs to one: that of the annotation of its first task, or
/// the default span, of which there is a new one whenever the last one is done. Source: Dask's
/// `SpansSchedulerExtension`, which keeps all spans for ever. Here a span that is full of forgotten tasks goes when
/// there
/// are too many, and what it has to tell becomes part of the span around it.
public final class Spans {
    /// Spans kept, default spans included.
    static final int SPANS_MAX = 10_000;
    /// Default spans kept: a client that waits for each task before it submits the next makes one for each.
    static final int DEFAULTS_MAX = 100;
    /// Metrics of all spans together.
    static final int METRICS_MAX = 200_000;

    private static final List<String> DEFAULT_NAME = List.of("default");

    private final SchedulerState state;
    private final Map<String, Span> byId = new LinkedHashMap<>();
    private final Deque<Span> defaults = new ArrayDeque<>();
    private long lastDefault;
    private int metrics;
    private long graphs;
    private Event.Origin origin = Event.Origin.NONE;
    private @Nullable Span last;
    /// The default span of the present graph, once one of its tasks needed it.
    private @Nullable Span ofGraph;

    Spans(SchedulerState state) {
        this.state = state;
    }

    /// The tasks that are observed from now on belong to a graph.
    void begin(Event.Origin of) {
        graphs++;
        origin = of;
        last = null;
        ofGraph = null;
    }

    /// Where the present graph is, for [#resume].
    @Nullable
    Span ofGraph() {
        return ofGraph;
    }

    /// More of the graph that began before, whose default span was this.
    void resume(Event.Origin of, @Nullable Span defaultSpan) {
        origin = of;
        last = null;
        ofGraph = defaultSpan != null && byId.get(defaultSpan.id()) == defaultSpan ? defaultSpan : null;
    }

    /// A task of the graph that can run. For all tasks of a group but the first this is a look at two fields.
    void observe(TaskState task) {
        TaskGroup group = task.group;
        Span span = group.span;
        if (span == null) {
            TaskSpec.SpanAnnotation own = task.options.span();
            span = own == null ? defaultSpan() : span(own.path());
            group.span = span;
            span.groups.add(group);
        }
        if (span != last) {
            last = span;
            span.note(graphs, origin);
        }
    }

    private Span defaultSpan() {
        if (ofGraph == null) {
            Span latest = defaults.peekLast();
            ofGraph = latest != null && !state.isIdle() && !latest.isDone() ? latest : newDefault();
        }
        return ofGraph;
    }

    private Span newDefault() {
        if (defaults.size() >= DEFAULTS_MAX) {
            dropDefault();
        }
        String id;
        do {
            id = "default-" + ++lastDefault;
        } while (byId.containsKey(id));
        Span span = add(new SpanPath(DEFAULT_NAME, List.of(id)), true, null);
        defaults.addLast(span);
        return span;
    }

    private void dropDefault() {
        for (Span span : defaults) {
            if (!span.groups.hasPresent()) {
                defaults.remove(span);
                drop(span);
                return;
            }
        }
    }

    private Span span(SpanPath path) {
        Span span = byId.get(path.id());
        if (span != null) {
            return span;
        }
        Span parent = null;
        for (int i = 0; i < path.ids().size(); i++) {
            span = byId.get(path.ids().get(i));
            if (span == null) {
                int levels = i + 1;
                span = add(
                        levels == path.ids().size()
                                ? path
                                : new SpanPath(
                                        path.name().subList(0, levels),
                                        path.ids().subList(0, levels)),
                        false,
                        parent);
            }
            parent = span;
        }
        if (span == null) {
            throw new IllegalStateException("a span without a path");
        }
        return span;
    }

    private Span add(SpanPath path, boolean isDefault, @Nullable Span parent) {
        if (byId.size() >= SPANS_MAX) {
            dropOldest(parent);
        }
        var span = new Span(path, isDefault, parent, state.nowNanos);
        byId.put(span.id(), span);
        if (parent != null) {
            parent.children.add(span);
        }
        return span;
    }

    /// The oldest one that nothing belongs to any more. If there is none, one more is kept than there should be: there
    /// are no more than there are groups then.
    private void dropOldest(@Nullable Span except) {
        for (Span span : byId.values()) {
            if (span.children.isEmpty() && !span.groups.hasPresent() && span != except) {
                defaults.remove(span);
                drop(span);
                return;
            }
        }
    }

    private void drop(Span span) {
        byId.remove(span.id());
        metrics -= span.metrics.size();
        Span parent = span.parent;
        if (parent != null) {
            parent.children.remove(span);
            parent.groups.absorb(span.groups);
            span.metrics.forEach((name, value) -> add(parent, name, value));
        }
    }

    /// What a worker measured since the last time; a span that is not known any more is passed over.
    void heartbeat(List<Event.SpanMetric> measured) {
        for (Event.SpanMetric metric : measured) {
            Span span = byId.get(metric.span());
            if (span != null) {
                add(span, metric.name(), metric.value());
            }
        }
    }

    private void add(Span span, List<@Nullable Object> name, Number value) {
        if (span.metrics.add(name, value, metrics < METRICS_MAX)) {
            metrics++;
        }
    }

    public @Nullable Span get(String id) {
        return byId.get(id);
    }

    /// In order of appearance.
    public Collection<Span> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /// Threads of all workers from a moment until another one, by the clock of the events.
    public List<ThreadsHistory.Interval> threads(long fromNanos, long toNanos) {
        return state.threads.between(fromNanos, toNanos);
    }
}
