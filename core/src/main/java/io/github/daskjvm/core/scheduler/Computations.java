package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last computations. A graph belongs to the latest one as long as there is something to do, and begins another
/// one otherwise.
final class Computations {
    private final SchedulerState state;
    private final Deque<Computation> kept = new ArrayDeque<>();
    private long last;
    /// What groups made now belong to: only while a graph is looked at.
    private @Nullable Computation current;

    Computations(SchedulerState state) {
        this.state = state;
    }

    void begin(Event.Origin origin) {
        Computation computation = kept.peekLast();
        if (computation == null || state.isIdle()) {
            if (state.config.computationHistory() == 0) {
                return;
            }
            computation = new Computation(++last, state.nowNanos);
            if (kept.size() >= state.config.computationHistory()) {
                kept.removeFirst();
            }
            kept.addLast(computation);
        }
        computation.add(origin);
        current = computation;
    }

    void end() {
        current = null;
    }

    /// What groups made now belong to, as of [#begin].
    @Nullable
    Computation current() {
        return current;
    }

    /// The same again for more of the graph.
    void resume(@Nullable Computation computation) {
        current = computation;
    }

    void made(TaskGroup group) {
        if (current != null) {
            group.computation = current;
            current.groups.add(group);
        }
    }

    void clear() {
        kept.clear();
    }

    List<Computation> kept() {
        return List.copyOf(kept);
    }
}
