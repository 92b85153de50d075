package io.github.daskjvm.core.scheduler;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/// Graphs that came while there was still something to do. Source: Dask's `Computation`.
public final class Computation {
    /// Pieces of code, and of annotations, that are kept.
    static final int PIECES_MAX = 100;

    private final long number;
    private final long startNanos;
    final GroupSet groups = new GroupSet();
    private final Set<Object> code = new LinkedHashSet<>(2);
    private final Set<Object> annotations = new LinkedHashSet<>(2);

    Computation(long number, long startNanos) {
        this.number = number;
        this.startNanos = startNanos;
    }

    void add(Event.Origin origin) {
        if (origin.code() != null && code.size() < PIECES_MAX) {
            code.add(origin.code());
        }
        if (origin.annotations() != null && annotations.size() < PIECES_MAX) {
            annotations.add(origin.annotations());
        }
    }

    /// From 1 on, in order.
    public long number() {
        return number;
    }

    /// By the clock of the events.
    public long startNanos() {
        return startNanos;
    }

    /// The groups that were new with its graphs.
    public GroupSet groups() {
        return groups;
    }

    /// Opaque, as in [Event.Origin]; each once.
    public Set<Object> code() {
        return Collections.unmodifiableSet(code);
    }

    /// Opaque: those that were given for whole graphs.
    public Set<Object> annotations() {
        return Collections.unmodifiableSet(annotations);
    }
}
