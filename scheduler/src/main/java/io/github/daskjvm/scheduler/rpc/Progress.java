package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How far the computation of some keys has come, with what they depend on. Source of what counts: Dask's
/// `distributed.diagnostics.progress`. Looks at the tasks when it is asked, instead of being told of each
/// transition. Used by the loop's thread alone, except for [#isOver].
final class Progress {
    private final List<TaskKey> keys;
    private final boolean complete;
    private final boolean grouped;
    private final Map<String, Integer> all = new LinkedHashMap<>();
    private List<TaskState> remaining = new ArrayList<>();
    private List<TaskState> watched = new ArrayList<>();
    private boolean known;
    private volatile boolean over;

    /// @param complete count what is there already, too
    /// @param grouped tell of each prefix
    Progress(List<TaskKey> keys, boolean complete, boolean grouped) {
        this.keys = keys;
        this.complete = complete;
        this.grouped = grouped;
    }

    /// Nothing will change any more.
    boolean isOver() {
        return over;
    }

    /// What a progress bar is told: how many there are, how many are left, and the status, which is null while they
    /// run. Empty as long as one of the keys is not known.
    Map<String, @Nullable Object> look(SchedulerState state) {
        if (!known && !begin(state)) {
            return Map.of();
        }
        remaining.removeIf(task -> task.status() == TaskStatus.MEMORY || !isOpen(task) && task.hasRun());
        TaskState failed = null;
        for (TaskState task : watched) {
            if (task.status() == TaskStatus.ERRED) {
                failed = task;
                break;
            }
        }
        boolean cancelled = false;
        for (TaskState task : remaining) {
            cancelled |= task.status() == TaskStatus.FORGOTTEN;
        }
        over = failed != null || cancelled || remaining.isEmpty();
        Map<String, @Nullable Object> report = new LinkedHashMap<>();
        report.put("all", grouped ? Map.copyOf(all) : sum(all));
        report.put("remaining", grouped ? counts(remaining, all.keySet()) : remaining.size());
        report.put("status", failed != null || cancelled ? "error" : remaining.isEmpty() ? "finished" : null);
        if (failed != null) {
            TaskState blame = failed.blame();
            report.put(
                    "exception", blame != null && blame.failure() instanceof Failure.Raised r ? r.exception() : null);
            report.put("key", failed.key().value());
        } else if (cancelled) {
            report.put("exception", null);
            report.put("key", null);
        }
        return report;
    }

    private static boolean isOpen(TaskState task) {
        return switch (task.status()) {
            case WAITING, NO_WORKER, QUEUED, PROCESSING -> true;
            case RELEASED, MEMORY, ERRED, FORGOTTEN -> false;
        };
    }

    private boolean begin(SchedulerState state) {
        List<TaskState> tasks = new ArrayList<>();
        for (TaskKey key : keys) {
            TaskState task = state.task(key);
            if (task == null) {
                return false;
            }
            tasks.add(task);
        }
        known = true;
        Set<TaskState> missing = withDependencies(tasks, false);
        Set<TaskState> counted = complete ? withDependencies(tasks, true) : new LinkedHashSet<>(missing);
        counted.addAll(tasks);
        remaining = new ArrayList<>(missing);
        watched = new ArrayList<>(counted);
        all.putAll(counts(watched, Set.of()));
        return true;
    }

    /// @param present go on through results that are there, and count them
    private static Set<TaskState> withDependencies(List<TaskState> tasks, boolean present) {
        Set<TaskState> found = new LinkedHashSet<>();
        Set<TaskState> seen = new HashSet<>();
        Deque<TaskState> open = new ArrayDeque<>(tasks);
        while (!open.isEmpty()) {
            TaskState task = open.pop();
            if (!seen.add(task) || !present && task.status() == TaskStatus.MEMORY) {
                continue;
            }
            found.add(task);
            if (present || task.status() != TaskStatus.ERRED) {
                open.addAll(task.dependencies());
            }
        }
        return found;
    }

    private static Map<String, Integer> counts(List<TaskState> tasks, Set<String> groups) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String group : groups) {
            counts.put(group, 0);
        }
        for (TaskState task : tasks) {
            counts.merge(task.prefix(), 1, Integer::sum);
        }
        return counts;
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
