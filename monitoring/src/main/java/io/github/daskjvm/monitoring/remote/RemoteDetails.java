package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import io.github.daskjvm.monitoring.status.KeyText;
import io.github.daskjvm.scheduler.peers.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks a scheduler in another process about one task, one worker or its groups, when a person wants to know: as far as
/// it tells that without looking through everything it has. Any virtual thread may call.
final class RemoteDetails {
    /// Keys that a worker may have for the scheduler to be asked for them.
    private static final double KEYS_ASKED_MAX = 2_000;

    private static final int KEYS_SHOWN_MAX = 200;
    private static final int STORY_MAX = 60;
    private static final int TEXT_MAX = 200;
    private static final int PLACES_MAX = 50;
    private static final String NOTE = "Asked from outside: what it depends on and where it runs is not known.";

    private final RemoteScheduler scheduler;
    private final RemoteCalls calls;
    private final Stories stories = new Stories();

    RemoteDetails(RemoteScheduler scheduler) {
        this.scheduler = scheduler;
        calls = scheduler.calls();
    }

    /// Shapes of all three are those of the page.
    ///
    /// @throws IllegalStateException if the scheduler does not answer
    @Nullable
    Map<String, @Nullable Object> task(String text) {
        List<TaskKey> keys = KeyText.keys(text);
        try {
            Map<?, ?> states = calls.map("get_task_status", "keys", values(keys));
            TaskKey key = keys.getFirst();
            String status = null;
            for (var entry : states.entrySet()) {
                TaskKey told = RemoteTaskStream.key(entry.getKey());
                if (told != null && entry.getValue() instanceof String state) {
                    key = told;
                    status = state;
                }
            }
            List<List<Object>> story = stories.of(key);
            if (status == null && keys.size() > 1 && story.isEmpty()) {
                key = keys.getLast();
                story = stories.of(key);
            }
            if (status == null && story.isEmpty()) {
                return null;
            }
            return described(key, status == null ? "forgotten" : status, story);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, @Nullable Object> described(TaskKey key, String status, List<List<Object>> story)
            throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("key", cut(key.toString()));
        map.put("status", status);
        map.put("prefix", key.prefix());
        map.put("group", cut(key.group()));
        if (status.equals(TaskStatus.MEMORY.wireName())) {
            List<Object> holders = new ArrayList<>();
            for (Object places :
                    answers("who_has", "keys", List.of(key.value())).values()) {
                if (places instanceof List<?> workers) {
                    workers.forEach(worker -> holders.add(cut(String.valueOf(worker))));
                }
            }
            map.put("whoHas", holders.subList(0, Math.min(holders.size(), PLACES_MAX)));
            map.put("holders", holders.size());
            for (Object bytes : answers("nbytes", "keys", List.of(key.value()), "summary", false)
                    .values()) {
                map.put("bytes", RemoteSnapshot.count(bytes));
            }
        }
        for (Failures.Failure failure : scheduler.watched().failures().last()) {
            if (failure.key().equals(key) && status.equals(TaskStatus.ERRED.wireName())) {
                map.put("blame", cut(key.toString()));
                map.put("failure", failure.exception());
                map.put("erredOn", List.of(failure.worker()));
                map.put("traceback", failure.traceback());
            }
        }
        map.put("story", story);
        map.put("note", NOTE);
        return map;
    }

    /// Empty if the operation fails there: the task or worker has gone meanwhile.
    private Map<?, ?> answers(String op, Object... arguments) throws IOException {
        try {
            return calls.map(op, arguments);
        } catch (RemoteCalls.RefusedException e) {
            return Map.of();
        }
    }

    private static List<Object> values(List<TaskKey> keys) {
        return keys.stream().map(TaskKey::value).toList();
    }

    /// What became of tasks when. A scheduler looks through its whole log for one, so the same is asked for once in a
    /// while only.
    private final class Stories {
        private static final long AGE_NANOS = 5_000_000_000L;
        private @Nullable TaskKey key;
        private List<List<Object>> story = List.of();
        private long dueNanos;

        synchronized List<List<Object>> of(TaskKey wanted) throws IOException {
            long start = System.nanoTime();
            if (!wanted.equals(key) || start - dueNanos >= 0) {
                story = ask(wanted);
                key = wanted;
                long end = System.nanoTime();
                dueNanos = end + Math.max(AGE_NANOS, 20 * (end - start));
            }
            return story;
        }

        private List<List<Object>> ask(TaskKey wanted) throws IOException {
            List<List<Object>> rows = new ArrayList<>();
            for (Object told : calls.list("get_story", "keys_or_stimuli", List.of(wanted.value()))) {
                if (told instanceof List<?> row
                        && row.size() >= 6
                        && wanted.equals(RemoteTaskStream.key(row.getFirst()))) {
                    rows.add(List.of(
                            RemoteSnapshot.amount(row.get(5)),
                            cut(String.valueOf(row.get(1))),
                            cut(String.valueOf(row.get(2))),
                            cut(String.valueOf(row.get(4)))));
                }
            }
            return List.copyOf(rows.subList(Math.max(0, rows.size() - STORY_MAX), rows.size()));
        }
    }

    @Nullable
    Map<String, @Nullable Object> worker(String address) {
        RemoteState state = scheduler.state();
        for (WorkerView worker : state.cluster().workers()) {
            if (worker.address().equals(address)) {
                try {
                    return described(state, worker);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return null;
    }

    private Map<String, @Nullable Object> described(RemoteState state, WorkerView worker) throws IOException {
        String address = worker.address();
        Map<?, ?> identity =
                Values.map(Values.map(state.identity().get("workers")).get(address));
        Map<?, ?> counts = Values.map(worker.metrics().get("task_counts"));
        double processing = new WorkerLoads(state.cluster(), state.dump()).processing(worker);
        double stored = RemoteSnapshot.amount(counts.get("memory")) + RemoteSnapshot.amount(counts.get("disk"));
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("address", address);
        map.put("name", worker.name());
        map.put("status", worker.status());
        map.put("runtime", worker.runtime());
        map.put("nanny", identity.get("nanny") instanceof String nanny ? nanny : null);
        Map<String, Object> resources = new LinkedHashMap<>();
        Values.map(identity.get("resources"))
                .forEach((name, amount) -> resources.put(cut(String.valueOf(name)), RemoteSnapshot.amount(amount)));
        map.put("resources", resources);
        map.put("processing", keys("processing", worker, processing, TaskStatus.PROCESSING));
        map.put("processingCount", (long) processing);
        map.put("stored", keys("has_what", worker, stored, TaskStatus.MEMORY));
        map.put("storedCount", (long) stored);
        return map;
    }

    private List<List<Object>> keys(String op, WorkerView worker, double expected, TaskStatus status)
            throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        if (expected > 0 && expected <= KEYS_ASKED_MAX) {
            Object keys = answers(op, "workers", List.of(worker.address())).get(worker.address());
            for (Object value : keys instanceof List<?> list ? list : List.of()) {
                TaskKey key = RemoteTaskStream.key(value);
                if (key != null && rows.size() < KEYS_SHOWN_MAX) {
                    rows.add(List.of(cut(key.toString()), status.wireName(), 0));
                }
            }
        }
        return rows;
    }

    /// Groups of tasks; single tasks can not be had without all there are.
    Map<String, @Nullable Object> graph() {
        RemoteState state = scheduler.state();
        try {
            return RemoteGraph.of(state, calls);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX - 1) + "…";
    }
}
