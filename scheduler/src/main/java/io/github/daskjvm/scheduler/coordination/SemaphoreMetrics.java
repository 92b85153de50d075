package io.github.daskjvm.scheduler.coordination;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What metrics show of semaphores, readable without their lock. The first ones are shown by name, as many as there is
/// room for; the others share one line. All but [#snapshot] is called with the lock of the semaphores.
final class SemaphoreMetrics {
    /// Semaphores that are shown by name at a time.
    static final int NAMED_MAX = 500;

    private static final String OTHER = "other";

    private final Map<Object, SemaphoreFigures> named = new ConcurrentHashMap<>();
    /// What of each of the others is in their sum.
    private final Map<Object, SemaphoreFigures> others = new HashMap<>();

    private volatile Others sum = new Others(0, new SemaphoreFigures(OTHER, 0, 0, 0, 0, 0, Double.NaN));

    private record Others(int count, SemaphoreFigures figures) {}

    /// @param figures of the semaphores by name, and of the others together if there are or were any
    /// @param others semaphores that are not shown by name
    record Snapshot(List<SemaphoreFigures> figures, int others) {}

    void changed(Object semaphore, SemaphoreFigures now) {
        SemaphoreFigures inSum = others.get(semaphore);
        boolean room = inSum == null && named.size() < NAMED_MAX && !now.name().equals(OTHER);
        if (room || named.containsKey(semaphore)) {
            named.put(semaphore, now);
            return;
        }
        others.put(semaphore, now);
        SemaphoreFigures before = sum.figures();
        sum = new Others(others.size(), (inSum == null ? before : before.plus(inSum.negated())).plus(now));
    }

    void closed(Object semaphore) {
        named.remove(semaphore);
        SemaphoreFigures inSum = others.remove(semaphore);
        if (inSum != null) {
            sum = new Others(others.size(), sum.figures().plus(inSum.negated()).plus(inSum.closed()));
        }
    }

    /// Any thread; waits for nothing.
    Snapshot snapshot() {
        Others together = sum;
        var figures = new ArrayList<>(named.values());
        if (together.count() > 0 || together.figures().acquired() > 0) {
            figures.add(together.figures());
        }
        return new Snapshot(figures, together.count());
    }
}
