package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches results from the workers that hold them, passing the payloads on unopened. A worker that cannot be
/// reached is not asked again; one that is busy is asked again after a moment; one that turns out not to have a
/// key is not asked for it again. Used once, by one thread.
final class Gather {
    private static final Logger log = LoggerFactory.getLogger(Gather.class);
    private static final long BUSY_PAUSE_MILLIS = 150;

    private final Cluster cluster;
    private final Map<Object, @Nullable Object> data = new LinkedHashMap<>();
    private final Set<String> unreachable = new HashSet<>();
    private final Map<TaskKey, Set<String>> withoutIt = new HashMap<>();
    private int turn;

    Gather(Cluster cluster) {
        this.cluster = cluster;
    }

    /// @param data payloads by key as it goes over the wire
    record Result(Map<Object, @Nullable Object> data, List<TaskKey> missing) {}

    /// @param serializers the families the caller reads, as it gave them
    Result gather(Collection<TaskKey> keys, @Nullable Object serializers) throws BadMessageException {
        var missing = new ArrayList<TaskKey>();
        Collection<TaskKey> wanted = keys;
        while (!wanted.isEmpty()) {
            Collection<TaskKey> asked = wanted;
            Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, asked));
            Map<String, List<TaskKey>> byWorker = new LinkedHashMap<>();
            for (var entry : whoHas.entrySet()) {
                String worker = choose(entry.getKey(), entry.getValue());
                if (worker == null) {
                    missing.add(entry.getKey());
                } else {
                    byWorker.computeIfAbsent(worker, w -> new ArrayList<>()).add(entry.getKey());
                }
            }
            wanted = fetch(byWorker, serializers);
        }
        return new Result(data, missing);
    }

    private @Nullable String choose(TaskKey key, List<String> holders) {
        Set<String> without = withoutIt.getOrDefault(key, Set.of());
        for (int i = 0; i < holders.size(); i++) {
            String worker = holders.get((turn + i) % holders.size());
            if (!unreachable.contains(worker) && !without.contains(worker)) {
                turn++;
                return worker;
            }
        }
        return null;
    }

    /// @return the keys that are still to be had
    private List<TaskKey> fetch(Map<String, List<TaskKey>> byWorker, @Nullable Object serializers)
            throws BadMessageException {
        Map<String, Callable<@Nullable Object>> calls = new LinkedHashMap<>();
        byWorker.forEach((worker, keys) -> calls.put(worker, () -> getData(worker, keys, serializers)));
        var left = new ArrayList<TaskKey>();
        boolean busy = false;
        for (var entry : WorkerCalls.concurrently(calls).entrySet()) {
            String worker = entry.getKey();
            List<TaskKey> keys = byWorker.getOrDefault(worker, List.of());
            if (!(entry.getValue().reply() instanceof Map<?, ?> reply)) {
                log.warn(
                        "worker {} did not give data: {}",
                        worker,
                        String.valueOf(entry.getValue().failure()));
                unreachable.add(worker);
                left.addAll(keys);
            } else if ("busy".equals(reply.get("status"))) {
                busy = true;
                left.addAll(keys);
            } else {
                take(worker, keys, new Fields("get_data", reply), left);
            }
        }
        if (busy) {
            pause();
        }
        return left;
    }

    private void take(String worker, List<TaskKey> keys, Fields reply, List<TaskKey> left) throws BadMessageException {
        Set<TaskKey> got = new HashSet<>();
        for (Map.Entry<?, ?> item : reply.mappingOrEmpty("data").entrySet()) {
            TaskKey key = Wire.key(item.getKey(), reply, "data");
            data.put(key.value(), item.getValue());
            got.add(key);
        }
        for (TaskKey key : keys) {
            if (!got.contains(key)) {
                withoutIt.computeIfAbsent(key, k -> new HashSet<>()).add(worker);
                left.add(key);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BUSY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The exchange has three steps: after a reply that is OK the worker waits to hear that we have it.
    private @Nullable Object getData(String worker, List<TaskKey> keys, @Nullable Object serializers)
            throws IOException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "get_data");
        request.put("keys", DataOps.values(keys));
        request.put("who", null);
        request.put("serializers", serializers);
        return cluster.rpc().exchange(worker, connection -> {
            connection.write(request);
            Object reply = connection.read();
            if (!(reply instanceof Map<?, ?> map)) {
                throw new IOException("get_data was answered with " + reply);
            }
            if ("OK".equals(map.get("status"))) {
                connection.write("OK");
            } else if (!"busy".equals(map.get("status"))) {
                throw new IOException("get_data failed: " + map.get("exception_text"));
            }
            return reply;
        });
    }
}
