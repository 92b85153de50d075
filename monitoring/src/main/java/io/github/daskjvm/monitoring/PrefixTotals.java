package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Keeps the number of task prefixes that get metrics of their own within a bound.
final class PrefixTotals {
    private PrefixTotals() {}

    /// The first ones, as many as have metrics of their own, and the others summed into a last one. A prefix stays
    /// where it is for good, since prefixes are in order of appearance: counters never go back.
    static List<PrefixSnapshot> bounded(List<PrefixSnapshot> prefixes) {
        var kept = new ArrayList<PrefixSnapshot>();
        var others = new ArrayList<PrefixSnapshot>();
        for (PrefixSnapshot prefix : prefixes) {
            boolean own = kept.size() + others.size() < SchedulerSnapshot.PREFIXES_MAX
                    && !prefix.name().equals(SchedulerSnapshot.OTHER_PREFIXES);
            (own ? kept : others).add(prefix);
        }
        if (!others.isEmpty()) {
            kept.add(sum(others));
        }
        return kept;
    }

    /// How many of them are not among the first.
    static int others(List<PrefixSnapshot> prefixes) {
        return Math.max(0, prefixes.size() - SchedulerSnapshot.PREFIXES_MAX);
    }

    private static PrefixSnapshot sum(List<PrefixSnapshot> prefixes) {
        var entered = new EnumMap<TaskStatus, Long>(TaskStatus.class);
        var current = new EnumMap<TaskStatus, Integer>(TaskStatus.class);
        double compute = 0;
        double transfer = 0;
        long stored = 0;
        long suspicious = 0;
        for (PrefixSnapshot prefix : prefixes) {
            for (Map.Entry<TaskStatus, Long> entry : prefix.entered().entrySet()) {
                entered.merge(entry.getKey(), entry.getValue(), Long::sum);
            }
            for (Map.Entry<TaskStatus, Integer> entry : prefix.current().entrySet()) {
                current.merge(entry.getKey(), entry.getValue(), Integer::sum);
            }
            compute += prefix.computeSeconds();
            transfer += prefix.transferSeconds();
            stored += prefix.storedBytes();
            suspicious += prefix.suspicious();
        }
        return new PrefixSnapshot(
                SchedulerSnapshot.OTHER_PREFIXES,
                entered,
                current,
                compute,
                transfer,
                stored,
                suspicious,
                Histogram.Copy.EMPTY);
    }
}
