package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Phases;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes the time of what the event loop does: whole batches, placement, and the events of each kind. The clock is read
/// where events of another kind begin, not for each one. For the loop's thread alone.
final class LoopMeter implements Phases {
    private final Histogram batches = new Histogram();
    private final Histogram reads = new Histogram();
    private final Histogram placements = new Histogram();
    private final Map<Class<?>, Kind> kinds = new LinkedHashMap<>();
    private @Nullable Kind current;
    private int currentIndex;
    private long sinceNanos;

    private static final class Kind {
        final String op;
        long events;
        long nanos;

        Kind(String op) {
            this.op = op;
        }
    }

    @Override
    public void events(Event next, int index) {
        endEvents(index);
        Kind kind = kinds.get(next.getClass());
        if (kind == null) {
            kind = ofOp(EventOps.name(next));
            kinds.put(next.getClass(), kind);
        }
        current = kind;
        currentIndex = index;
    }

    /// Several kinds of events may come from one operation.
    private Kind ofOp(String op) {
        for (Kind kind : kinds.values()) {
            if (kind.op.equals(op)) {
                return kind;
            }
        }
        return new Kind(op);
    }

    private void endEvents(int index) {
        long now = System.nanoTime();
        Kind kind = current;
        if (kind != null) {
            kind.events += index - currentIndex;
            kind.nanos += now - sinceNanos;
            current = null;
        }
        sinceNanos = now;
    }

    @Override
    public void placementStarts(int index) {
        endEvents(index);
    }

    @Override
    public void placementEnds() {
        long now = System.nanoTime();
        placements.add((now - sinceNanos) / 1e9);
        sinceNanos = now;
    }

    void batch(long nanos) {
        batches.add(nanos / 1e9);
    }

    /// Nothing where nothing came.
    void read(long nanos) {
        if (nanos > 0) {
            reads.add(nanos / 1e9);
        }
    }

    LoopFigures.Times copy() {
        List<OpFigures> ops = new ArrayList<>(kinds.size());
        for (Kind kind : new LinkedHashSet<>(kinds.values())) {
            ops.add(new OpFigures(kind.op, kind.events, 0, kind.nanos));
        }
        return new LoopFigures.Times(batches.copy(), reads.copy(), placements.copy(), List.copyOf(ops));
    }
}
