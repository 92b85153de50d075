package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Tasks by prefix and state: the prefixes with most tasks open, then those with most tasks; a sum over the others.
final class ProgressPart {
    static final int PREFIXES_MAX = 60;
    private static final int NAME_MAX = 60;
    private static final String OTHERS = "(%d others)";

    private ProgressPart() {}

    /// Rows of: name, tasks now in each state but forgotten (in the order of [TaskStatus]), then seconds computed,
    /// seconds of transfers, bytes stored, results ever, failures ever.
    static List<Object> rows(List<PrefixSnapshot> prefixes) {
        List<PrefixSnapshot> present = new ArrayList<>();
        List<PrefixSnapshot> rest = new ArrayList<>();
        for (PrefixSnapshot prefix : prefixes) {
            (tasks(prefix) > 0 ? present : rest).add(prefix);
        }
        present.sort(Comparator.comparingLong((PrefixSnapshot p) -> -open(p))
                .thenComparingLong(p -> -tasks(p))
                .thenComparing(PrefixSnapshot::name));
        List<PrefixSnapshot> shown = present.subList(0, Math.min(PREFIXES_MAX, present.size()));
        List<Object> rows = new ArrayList<>();
        for (PrefixSnapshot prefix : shown) {
            rows.add(row(FrameText.cut(prefix.name(), NAME_MAX), List.of(prefix)));
        }
        rest.addAll(present.subList(shown.size(), present.size()));
        if (!rest.isEmpty()) {
            rows.add(row(OTHERS.formatted(rest.size()), rest));
        }
        return rows;
    }

    private static List<Object> row(String name, List<PrefixSnapshot> prefixes) {
        TaskStatus[] states = TaskStatus.values();
        long[] current = new long[states.length];
        double compute = 0;
        double transfer = 0;
        long stored = 0;
        long results = 0;
        long failures = 0;
        for (PrefixSnapshot prefix : prefixes) {
            for (TaskStatus status : states) {
                current[status.ordinal()] += prefix.current().getOrDefault(status, 0);
            }
            compute += prefix.computeSeconds();
            transfer += prefix.transferSeconds();
            stored += prefix.storedBytes();
            results += prefix.entered().getOrDefault(TaskStatus.MEMORY, 0L);
            failures += prefix.entered().getOrDefault(TaskStatus.ERRED, 0L);
        }
        List<Object> row = new ArrayList<>();
        row.add(name);
        for (TaskStatus status : states) {
            if (status != TaskStatus.FORGOTTEN) {
                row.add(current[status.ordinal()]);
            }
        }
        row.add(Math.round(compute * 100) / 100.0);
        row.add(Math.round(transfer * 100) / 100.0);
        row.add(stored);
        row.add(results);
        row.add(failures);
        return row;
    }

    private static long tasks(PrefixSnapshot prefix) {
        long tasks = 0;
        for (var entry : prefix.current().entrySet()) {
            tasks += entry.getKey() == TaskStatus.FORGOTTEN ? 0 : entry.getValue();
        }
        return tasks;
    }

    private static long open(PrefixSnapshot prefix) {
        long open = 0;
        for (TaskStatus status :
                List.of(TaskStatus.WAITING, TaskStatus.NO_WORKER, TaskStatus.QUEUED, TaskStatus.PROCESSING)) {
            open += prefix.current().getOrDefault(status, 0);
        }
        return open;
    }
}
