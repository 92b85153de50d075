package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Fetches what tasks did, piece by piece, by the operation `get_task_stream`, at most so many tasks at a time however
/// many there are. The scheduler tells them by when they ended, by the workers' clocks, so each piece overlaps with the
/// one before it, and what was had already is told apart. For one thread.
final class RemoteTaskStream {
    static final int TASKS_MAX = 500;

    private static final int TASKS_MIN = 8;
    /// By so much the clocks of two workers may differ, about.
    private static final double OVERLAP_SECONDS = 0.5;
    private static final int SEEN_MAX = 8 * TASKS_MAX;
    private static final int LAST = 8;
    private static final int ACTIONS_MAX = 1_000;

    private final RemoteCalls calls;
    private final Set<List<Object>> seen = new LinkedHashSet<>();
    private int most = TASKS_MAX;
    private double since;
    /// Ask for the last tasks instead of those that follow the last known one.
    private boolean jump = true;
    private boolean isFresh = true;

    RemoteTaskStream(RemoteCalls calls) {
        this.calls = calls;
    }

    /// Begins anew: with another scheduler, or after nobody looked for a while.
    void restart() {
        jump = true;
        isFresh = true;
    }

    /// Asks once.
    ///
    /// @return whether tasks were left out
    /// @throws IOException if it does not answer, or not as Dask does
    boolean poll(TaskActions actions, Failures failures) throws IOException {
        List<?> runs;
        try {
            runs = jump
                    ? calls.list("get_task_stream", "count", most)
                    : calls.list("get_task_stream", "start", since - OVERLAP_SECONDS, "count", most);
        } catch (BadMessageException e) {
            // Failures with large exceptions, most likely: fewer at a time.
            boolean wasLeast = most <= TASKS_MIN;
            most = Math.max(TASKS_MIN, most / 4);
            jump = true;
            if (wasLeast) {
                throw e;
            }
            return true;
        }
        boolean full = runs.size() >= most;
        int known = 0;
        for (Object run : runs) {
            known += run instanceof Map<?, ?> map && add(map, actions, failures) ? 1 : 0;
        }
        boolean gap = jump && full && known == 0 && !isFresh;
        // Where more came than was asked for, what follows is older than what there is.
        jump = jump ? full && known == 0 : full;
        if (!runs.isEmpty()) {
            since = earliestOf(runs.subList(Math.max(0, runs.size() - LAST), runs.size()));
        }
        most = Math.min(TASKS_MAX, most * 2);
        isFresh = false;
        return gap;
    }

    /// True for a run that was known.
    private boolean add(Map<?, ?> run, TaskActions actions, Failures failures) {
        TaskKey key = key(run.get("key"));
        if (key == null
                || !(run.get("worker") instanceof String worker)
                || !(run.get("startstops") instanceof List<?> all)) {
            return false;
        }
        if (!seen.add(List.of(key, worker, stop(run)))) {
            return true;
        }
        if (seen.size() > SEEN_MAX) {
            seen.remove(seen.iterator().next());
        }
        boolean erred = "error".equals(run.get("status"));
        long thread = run.get("thread") instanceof Number number ? number.longValue() : 0;
        for (Object one : all.subList(0, Math.min(all.size(), ACTIONS_MAX))) {
            if (one instanceof Map<?, ?> done && done.get("action") instanceof String action) {
                double start = RemoteSnapshot.amount(done.get("start"));
                double stop = RemoteSnapshot.amount(done.get("stop"));
                actions.add(new Action(worker, thread, key, action, start, stop, erred));
            }
        }
        if (erred) {
            failures.add(
                    worker,
                    key,
                    Values.text(run.get("exception_text"), ""),
                    Values.text(run.get("traceback_text"), ""));
        }
        return false;
    }

    static @Nullable TaskKey key(@Nullable Object value) {
        try {
            return TaskKey.of(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static double earliestOf(List<?> runs) {
        double earliest = Double.POSITIVE_INFINITY;
        for (Object run : runs) {
            earliest = Math.min(earliest, stop(Values.map(run)));
        }
        return earliest;
    }

    /// When its last action ended.
    private static double stop(Map<?, ?> run) {
        double last = 0;
        if (run.get("startstops") instanceof List<?> all) {
            for (Object one : all) {
                last = Math.max(last, RemoteSnapshot.amount(Values.map(one).get("stop")));
            }
        }
        return last;
    }
}
