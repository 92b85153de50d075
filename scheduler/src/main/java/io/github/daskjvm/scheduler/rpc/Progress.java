package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Span;
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
    /// For data that was never to be computed.
    private static final List<String> NO_SPAN = List.of("no span", "");

    private final List<TaskKey> keys;
    private final boolean complete;
    private final Grouping grouping;
    private final Map<Object, Integer> all = new LinkedHashMap<>();
    private List<TaskState> remaining = new ArrayList<>();
    private List<TaskState> watched = new ArrayList<>();
    private boolean known;
    private volatile boolean over;

    /// What there is one bar for.
    enum Grouping {
        NONE,
        PREFIX,
        SPANS
    }

    /// @param complete count what is there already, too
    Progress(List<TaskKey> keys, boolean complete, Grouping grouping) {
        this.keys = keys;
        this.complete = complete;
        this.grouping = grouping;
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
        boolean grouped = grouping != Grouping.NONE;
        report.put("all", grouped ? named(all) : watched.size());
        report.put("remaining", grouped ? named(counts(remaining, all.keySet())) : remaining.size());
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

    private Map<Object, Integer> counts(List<TaskState> tasks, Set<Object> groups) {
        Map<Object, Integer> counts = new LinkedHashMap<>();
        for (Object group : groups) {
            counts.put(group, 0);
        }
        for (TaskState task : tasks) {
            counts.merge(group(task), 1, Integer::sum);
        }
        return counts;
    }

    private Object group(TaskState task) {
        if (grouping != Grouping.SPANS) {
            return task.prefix();
        }
        Span span = task.span();
        return span == null ? NO_SPAN : span;
    }

    /// A span as a widget wants it: what to show, and the id.
    private static Map<Object, Integer> named(Map<Object, Integer> counts) {
        Map<Object, Integer> named = LinkedHashMap.newLinkedHashMap(counts.size());
        counts.forEach((group, count) -> named.put(
                group instanceof Span span ? List.of(String.join(", ", span.name()), span.id()) : group, count));
        return named;
    }
}
