package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Keeps the number of task prefixes that get metrics of their own within a bound.
final class PrefixTotals {
    private PrefixTotals() {}

    /// At most `bound` prefixes: the first ones by compute time and then by name, the others summed into a last one.
    static List<PrefixSnapshot> bounded(List<PrefixSnapshot> prefixes, int bound) {
        if (prefixes.size() <= bound) {
            return prefixes;
        }
        var sorted = new ArrayList<>(prefixes);
        sorted.sort(Comparator.comparingDouble(PrefixSnapshot::computeSeconds)
                .reversed()
                .thenComparing(PrefixSnapshot::name));
        var kept = new ArrayList<>(sorted.subList(0, bound - 1));
        kept.add(sum(sorted.subList(bound - 1, sorted.size())));
        return kept;
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
                SchedulerFamilies.OTHER_PREFIXES, entered, current, compute, transfer, stored, suspicious);
    }
}
