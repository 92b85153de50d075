package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.StealingSnapshot;

/// Work stealing as Dask's two families of the subsystem `stealing`; absent where stealing is off.
final class StealingFamilies {
    private StealingFamilies() {}

    static void add(Families families, SchedulerSnapshot snapshot) {
        if (snapshot.stealing().isEmpty()) {
            return;
        }
        Families.Samples requests =
                families.counters("request_count", "Total number of stealing requests per cost multiplier.");
        Families.Samples costs =
                families.counters("request_cost", "Total cost of stealing requests per cost multiplier.");
        for (StealingSnapshot level : snapshot.stealing()) {
            String label = label(level.costMultiplier());
            requests.add(level.requests(), "cost_multiplier", label);
            costs.add(level.costSeconds(), "cost_multiplier", label);
        }
    }

    /// As Python prints them: the first one a float, and those above it integers where they are whole.
    private static String label(double multiplier) {
        boolean whole = multiplier > 1 && multiplier == Math.rint(multiplier);
        return whole ? Long.toString((long) multiplier) : Double.toString(multiplier);
    }
}
