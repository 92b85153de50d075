package io.github.daskjvm.client;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where results are on the cluster, and putting them elsewhere: the scheduler's own operations, which Python clients
/// use as well. Any thread may call.
final class DataOnWorkers {
    private final Client client;

    DataOnWorkers(Client client) {
        this.client = client;
    }

    /// The futures of the values, in their order.
    ///
    /// @param names the keys to be; null for new ones
    <T extends @Nullable Object> List<Future<T>> scatter(
            Collection<? extends T> values, @Nullable List<String> names, ScatterOptions options) throws IOException {
        List<Future<T>> futures = new ArrayList<>(values.size());
        Map<String, Payload> data = new LinkedHashMap<>();
        for (T value : values) {
            Payload payload = JavaCodec.payload(value);
            KeyState state;
            if (names != null) {
                state = client.keys().acquire(names.get(futures.size()));
            } else if (options.hash()) {
                state = client.keys().acquireAnew(TaskNames.ofValue(value) + "-" + TaskNames.tokenOf(payload.frames()));
            } else {
                state = client.keys().acquire("scatter-" + TaskNames.uniqueToken());
            }
            futures.add(new Future<>(client, state));
            data.put(state.key, payload);
        }
        if (data.isEmpty()) {
            return futures;
        }
        if (names != null) {
            awaitReleases();
        }
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "scatter");
        request.put("data", data);
        request.put("workers", options.workers().isEmpty() ? null : options.workers());
        request.put("client", client.id());
        request.put("broadcast", options.broadcast());
        request.put("timeout", options.timeout().toMillis() / 1000.0);
        request.put("runtime", "jvm");
        client.call(request);
        for (Future<T> future : futures) {
            client.keys().announce(future.keyState(), null);
            future.keyState().finished();
        }
        return futures;
    }

    /// A key that was let go of a moment ago must not be forgotten after it has been scattered anew: releases go by
    /// the stream, and a call may overtake it.
    private void awaitReleases() throws IOException {
        String mark = UUID.randomUUID().toString();
        client.keys().tellAfterReleases(Map.of("op", "publish_flush_batched_send", "uid", mark));
        client.call(Map.of("op", "publish_wait_flush", "uid", mark));
    }

    Map<String, List<String>> whoHas(Collection<? extends Future<?>> futures) throws IOException {
        return lists(client.call(Map.of("op", "who_has", "keys", names(futures))));
    }

    /// @param op `has_what` or `processing`
    Map<String, List<String>> byWorker(String op, String... workers) throws IOException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", op);
        request.put("workers", workers.length == 0 ? null : List.of(workers));
        return lists(client.call(request));
    }

    /// @param copies 0 for one on each worker
    void replicate(Collection<? extends Future<?>> futures, int copies, String... workers)
            throws IOException, InterruptedException {
        if (futures.isEmpty()) {
            return;
        }
        Waiting.all(futures);
        Map<String, @Nullable Object> request = moving("replicate", futures, workers);
        if (copies > 0) {
            request.put("n", copies);
        }
        check(client.call(request), "replicated");
    }

    /// @param futures null for all results of the cluster
    void rebalance(@Nullable Collection<? extends Future<?>> futures, String... workers)
            throws IOException, InterruptedException {
        if (futures != null) {
            Waiting.all(futures);
        }
        check(client.call(moving("rebalance", futures, workers)), "moved");
    }

    private Map<String, @Nullable Object> moving(
            String op, @Nullable Collection<? extends Future<?>> futures, String... workers) {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", op);
        request.put("keys", futures == null ? null : names(futures));
        request.put("workers", workers.length == 0 ? null : List.of(workers));
        request.put("stimulus_id", op + "-" + client.id());
        return request;
    }

    private static void check(@Nullable Object reply, String done) throws IOException {
        if (reply instanceof Map<?, ?> map && "partial-fail".equals(map.get("status"))) {
            throw new IOException("not on any worker, so not " + done + ": " + map.get("keys"));
        }
    }

    /// A failed future is pending from now on; the scheduler says what becomes of it.
    void retry(Collection<? extends Future<?>> futures) throws IOException {
        List<KeyState> failed = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Future<?> future : futures) {
            KeyState state = client.own(future).keyState();
            // Pending before the scheduler is asked: the news of its success may come before its answer.
            if (client.keys().retrying(state)) {
                failed.add(state);
                names.add(state.key);
            }
        }
        if (failed.isEmpty()) {
            return;
        }
        try {
            Object retried = client.call(Map.of("op", "retry", "keys", names, "client", client.id()));
            failed.removeIf(state -> retried instanceof Collection<?> keys && keys.contains(state.key));
        } finally {
            // Of the others the scheduler says what it said before.
            for (KeyState state : failed) {
                client.keys().tell(Map.of("op", "report-key", "key", state.key));
            }
        }
    }

    private List<String> names(Collection<? extends Future<?>> futures) {
        var names = new ArrayList<String>(futures.size());
        for (Future<?> future : futures) {
            names.add(future.key());
        }
        return names;
    }

    private static Map<String, List<String>> lists(@Nullable Object reply) {
        Map<String, List<String>> result = new LinkedHashMap<>();
        if (reply instanceof Map<?, ?> map) {
            map.forEach((key, items) -> {
                List<String> texts = new ArrayList<>();
                if (items instanceof Collection<?> all) {
                    all.forEach(item -> texts.add(String.valueOf(item)));
                }
                result.put(String.valueOf(key), List.copyOf(texts));
            });
        }
        return result;
    }
}
