package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tasks that a client put together with `span`, or those of the default span. What is told of a span includes the
/// spans inside it. Source: Dask's `Span`.
public final class Span {
    /// Pieces of code, and of what clients say about their collections, that are kept.
    static final int PIECES_MAX = 100;
    /// Metrics of a span without those inside it.
    static final int METRICS_MAX = 1_000;

    private final SpanPath path;
    private final boolean isDefault;
    final @Nullable Span parent;
    private final long enqueuedNanos;
    final Set<Span> children = new LinkedHashSet<>(2);
    final GroupSet groups = new GroupSet();
    final MetricSums metrics = new MetricSums(METRICS_MAX);
    private final Set<Object> code = new LinkedHashSet<>(2);
    private final List<Object> metadata = new ArrayList<>(1);
    private long lastGraph;

    Span(SpanPath path, boolean isDefault, @Nullable Span parent, long enqueuedNanos) {
        this.path = path;
        this.isDefault = isDefault;
        this.parent = parent;
        this.enqueuedNanos = enqueuedNanos;
    }

    /// Some tasks of a graph belong here; that it is the same graph as the last time makes no difference.
    void note(long graph, Event.Origin origin) {
        if (graph == lastGraph) {
            return;
        }
        lastGraph = graph;
        if (origin.code() != null && code.size() < PIECES_MAX) {
            code.add(origin.code());
        }
        if (origin.metadata() != null && metadata.size() < PIECES_MAX) {
            metadata.add(origin.metadata());
        }
    }

    public String id() {
        return path.id();
    }

    /// Its tag and those of the spans around it, outermost first.
    public List<String> name() {
        return path.name();
    }

    /// What its tasks are annotated with; null for a default span.
    @Nullable
    SpanPath annotation() {
        return isDefault ? null : path;
    }

    public @Nullable Span parent() {
        return parent;
    }

    /// In order of appearance.
    public Set<Span> children() {
        return Collections.unmodifiableSet(children);
    }

    /// When it first appeared, by the clock of the events.
    public long enqueuedNanos() {
        return enqueuedNanos;
    }

    /// Those of this span alone.
    public GroupSet groups() {
        return groups;
    }

    /// Itself and all spans inside it, from the outside in.
    public List<Span> withInner() {
        List<Span> all = new ArrayList<>();
        Deque<Span> open = new ArrayDeque<>();
        open.push(this);
        while (!open.isEmpty()) {
            Span span = open.pop();
            all.add(span);
            new ArrayList<>(span.children).reversed().forEach(open::push);
        }
        return all;
    }

    public GroupFigures figures() {
        var figures = new GroupFigures();
        for (Span span : withInner()) {
            span.groups.addTo(figures);
        }
        return figures;
    }

    /// Whether nothing is to be done; may be so for a while only.
    public boolean isDone() {
        for (Span span : withInner()) {
            if (!span.groups.isDone()) {
                return false;
            }
        }
        return true;
    }

    /// What workers measured for its tasks, by context, prefix, activity and unit.
    public MetricSums metrics() {
        var all = new MetricSums(METRICS_MAX);
        for (Span span : withInner()) {
            span.metrics.forEach(all::add);
        }
        return all;
    }

    /// Opaque, as in [Event.Origin]; each once.
    public Set<Object> code() {
        Set<Object> all = new LinkedHashSet<>();
        for (Span span : withInner()) {
            all.addAll(span.code);
        }
        return all;
    }

    /// Opaque, as in [Event.Origin]: one for each graph that had tasks directly in this span, the first of them.
    public List<Object> metadata() {
        return Collections.unmodifiableList(metadata);
    }
}
