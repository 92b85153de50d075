package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.MetricSums;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Dask's fine performance metrics, summed up over all workers: what they spent time on and moved, by the context
/// (`execute`, `gather-dep`, `get-data`, …), the activity in it and, where there is one, the task prefix.
///
/// Names come from workers and their tasks. The first so many combinations have samples of their own, in order of
/// appearance, so that counters never go back; of the others the activity is [LabelNames#OTHER], as is the prefix.
final class ActivityFamilies {
    /// Combinations of context, activity, prefix and unit.
    static final int COMBINATIONS_MAX = 1000;

    private static final int TEXT_MAX = 200;
    private static final int CONTEXTS_MAX = 50;
    /// Dask's units, and what a family of each is called.
    private static final Map<String, String> UNITS =
            Map.of("seconds", "activity_seconds", "bytes", "activity_bytes", "count", "activity_count");

    private final Map<String, Map<Labels, Double>> sums = new HashMap<>();
    private final Set<String> otherContexts = new HashSet<>();
    private int combinations;
    private int others;

    /// @param prefix empty where the activity is not that of a task
    private record Labels(String context, String activity, String prefix) {}

    private ActivityFamilies() {}

    /// @param metrics as [io.github.daskjvm.scheduler.Scheduler#cumulativeWorkerMetrics] has them; what is not by
    ///     context, activity and a unit of Dask's is passed over
    /// @return how many combinations share another
    static int add(Families families, Map<List<@Nullable Object>, Number> metrics) {
        var all = new ActivityFamilies();
        metrics.forEach(all::add);
        all.family(families, "seconds", "Time that workers spent, by activity");
        all.family(families, "bytes", "Bytes that workers handled, by activity");
        all.family(families, "count", "Times that workers did something, by activity");
        return all.others;
    }

    private void add(List<@Nullable Object> name, Number value) {
        int parts = name.size();
        // Context, activity and unit; with a task prefix after the context, if it is one of a task.
        if (parts < 3 || parts > 4 || !(name.getLast() instanceof String unit) || !UNITS.containsKey(unit)) {
            return;
        }
        // What is less than nothing, as differences of times may be, counts for nothing, and keeps its place.
        double number = value.doubleValue();
        double sum = number > 0 && number < Double.MAX_VALUE ? number : 0;
        Labels labels =
                new Labels(text(name.getFirst()), text(name.get(parts - 2)), parts == 4 ? text(name.get(1)) : "");
        Map<Labels, Double> ofUnit = sums.computeIfAbsent(unit, any -> new LinkedHashMap<>());
        if (!ofUnit.containsKey(labels)) {
            if (combinations >= COMBINATIONS_MAX) {
                others++;
                labels = other(labels);
            } else {
                combinations++;
            }
        }
        ofUnit.merge(labels, sum, Double::sum);
    }

    private static String text(@Nullable Object part) {
        return part instanceof String text && !text.equals(MetricSums.OTHER) && text.length() <= TEXT_MAX
                ? text
                : LabelNames.OTHER;
    }

    private Labels other(Labels labels) {
        String prefix = labels.prefix.isEmpty() ? "" : LabelNames.OTHER;
        boolean kept = otherContexts.contains(labels.context)
                || otherContexts.size() < CONTEXTS_MAX && otherContexts.add(labels.context);
        return new Labels(kept ? labels.context : LabelNames.OTHER, LabelNames.OTHER, prefix);
    }

    private void family(Families families, String unit, String help) {
        Families.Samples samples = families.counters(UNITS.getOrDefault(unit, unit), help);
        sums.getOrDefault(unit, Map.of()).forEach((labels, sum) -> {
            List<String> pairs =
                    new ArrayList<>(List.of(LabelNames.CONTEXT, labels.context, LabelNames.ACTIVITY, labels.activity));
            if (!labels.prefix.isEmpty()) {
                pairs.addAll(List.of(LabelNames.PREFIX, labels.prefix));
            }
            samples.add(sum, pairs.toArray(String[]::new));
        });
    }
}
