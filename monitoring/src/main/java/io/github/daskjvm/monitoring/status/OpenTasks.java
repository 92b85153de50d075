package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What runs now: what workers said in their last heartbeats, without what has ended since. Used by one thread.
final class OpenTasks {
    private static final int WORKER_MAX = 256;

    /// @param start seconds since 1970
    record Open(String worker, TaskKey key, double start) {}

    private record Said(double time, Map<TaskKey, Double> starts) {}

    private Map<String, Said> byWorker = new HashMap<>();
    private List<Action> before = List.of();

    /// What runs, worker by worker.
    ///
    /// @param done what has ended since this was asked last
    List<Open> update(List<WorkerRow> rows, List<Action> done) {
        Map<String, Said> present = HashMap.newHashMap(rows.size());
        boolean news = false;
        for (WorkerRow row : rows) {
            Said known = byWorker.get(row.said().address());
            if (known == null || known.time != row.said().lastSeen()) {
                known = new Said(row.said().lastSeen(), starts(row.said()));
                news = true;
            }
            present.put(row.said().address(), known);
        }
        byWorker = present;
        if (news) {
            // A heartbeat may have been made before a task ended and come after.
            end(before);
        }
        end(done);
        before = done;
        List<Open> open = new ArrayList<>();
        for (WorkerRow row : rows) {
            String worker = row.said().address();
            Said said = byWorker.get(worker);
            if (said != null) {
                said.starts.forEach((key, start) -> open.add(new Open(worker, key, start)));
            }
        }
        return open;
    }

    private void end(List<Action> done) {
        for (Action action : done) {
            Said said = byWorker.get(action.worker());
            if (said != null) {
                said.starts.remove(action.key());
            }
        }
    }

    private static Map<TaskKey, Double> starts(WorkerGauges said) {
        Map<TaskKey, Double> starts = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : said.executing().entrySet()) {
            TaskKey key = key(entry.getKey());
            if (key != null && starts.size() < WORKER_MAX) {
                starts.put(key, said.lastSeen() - WorkerGauges.number(entry.getValue()));
            }
        }
        return starts;
    }

    /// Null for what is no key, whatever the worker said.
    static @Nullable TaskKey key(@Nullable Object decoded) {
        try {
            return TaskKey.of(decoded);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
