package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Runtimes;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Data between clients and workers, by way of the scheduler: `gather`, `scatter`, and what workers say they hold.
final class DataOps {
    private static final Logger log = LoggerFactory.getLogger(DataOps.class);

    private final Cluster cluster;
    private final ReplicaOps replicas;
    private final AtomicLong scattered = new AtomicLong();

    DataOps(Cluster cluster, ReplicaOps replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("gather", this::gather);
        handlers.put("scatter", this::scatter);
        handlers.put("update_data", this::updateData);
        handlers.put("add_keys", this::addKeys);
    }

    private Object gather(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(request, "keys");
        Gather.Result result = new Gather(cluster).gather(keys, request.get("serializers"));
        cluster.events().log("all", Map.of("action", "gather", "count", keys.size()));
        if (result.missing().isEmpty()) {
            return Map.of("status", "OK", "data", result.data());
        }
        log.warn(
                "could not gather {} of {} keys, {} first",
                result.missing().size(),
                keys.size(),
                result.missing().getFirst());
        return Map.of("status", "error", "keys", values(result.missing()));
    }

    static List<Object> values(Collection<TaskKey> keys) {
        var values = new ArrayList<>(keys.size());
        for (TaskKey key : keys) {
            values.add(key.value());
        }
        return values;
    }

    private Object scatter(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        Map<?, ?> data = request.mapping("data");
        String client = request.stringOrNull("client");
        Runtime runtime = "jvm".equals(request.get("runtime")) ? Runtime.JVM : Runtime.PYTHON;
        List<WorkerInfo> targets = awaitTargets(request, runtime);
        Map<String, Map<Object, @Nullable Object>> shares = new LinkedHashMap<>();
        Map<TaskKey, List<String>> whoHas = new LinkedHashMap<>();
        List<String> turns = turns(targets);
        int turn = (int) (scattered.getAndAdd(data.size()) % turns.size());
        for (Map.Entry<?, ?> entry : data.entrySet()) {
            TaskKey key = Wire.key(entry.getKey(), request, "data");
            String worker = turns.get(turn++ % turns.size());
            shares.computeIfAbsent(worker, w -> new LinkedHashMap<>()).put(key.value(), entry.getValue());
            whoHas.put(key, List.of(worker));
        }
        Map<TaskKey, Long> sizes = send(request, shares);
        cluster.loop().post(new Event.DataPlaced(whoHas, sizes, client, runtime, "scatter-" + scattered.get()));
        cluster.loop().await();
        Object broadcast = request.get("broadcast");
        if (broadcast instanceof Long || Boolean.TRUE.equals(broadcast)) {
            int n = broadcast instanceof Long count ? (int) Math.min(count, targets.size()) : targets.size();
            replicas.replicate(List.copyOf(whoHas.keySet()), n, targets, "scatter-broadcast");
        }
        cluster.events()
                .log(
                        client == null ? List.of("all") : List.of(client, "all"),
                        Map.of("action", "scatter", "count", data.size(), "client", client == null ? "" : client));
        return values(whoHas.keySet());
    }

    /// Each worker as often as it has threads.
    private static List<String> turns(List<WorkerInfo> targets) {
        var turns = new ArrayList<String>();
        boolean more = true;
        for (int round = 0; more; round++) {
            more = false;
            for (WorkerInfo target : targets) {
                if (round < target.nthreads()) {
                    turns.add(target.address());
                    more = true;
                }
            }
        }
        return turns;
    }

    /// Running workers of the runtime, of those that are named; waits for the first until the timeout.
    private List<WorkerInfo> awaitTargets(Fields request, Runtime runtime)
            throws BadMessageException, RpcFailure, InterruptedException {
        double timeout = request.get("timeout") == null ? 2 : Wire.seconds(request.get("timeout"), request, "timeout");
        long deadline = System.nanoTime() + (long) (timeout * 1e9);
        while (true) {
            var running = new ArrayList<WorkerInfo>();
            for (WorkerInfo worker : cluster.workers(request, "workers")) {
                if (worker.runtime() == runtime && worker.status() == WorkerStatus.RUNNING) {
                    running.add(worker);
                }
            }
            if (!running.isEmpty()) {
                return running;
            }
            if (System.nanoTime() - deadline > 0) {
                throw RpcFailure.python("asyncio.exceptions", "TimeoutError", "No valid workers found");
            }
            Thread.sleep(50);
        }
    }

    private Map<TaskKey, Long> send(Fields request, Map<String, Map<Object, @Nullable Object>> shares)
            throws BadMessageException, RpcFailure {
        Map<TaskKey, Long> sizes = new LinkedHashMap<>();
        var outcomes = cluster.calls()
                .all(
                        shares.keySet(),
                        worker -> Map.of("op", "update_data", "data", shares.getOrDefault(worker, Map.of())),
                        Duration.ZERO);
        for (var entry : outcomes.entrySet()) {
            WorkerCalls.Outcome outcome = entry.getValue();
            if (outcome.failure() instanceof RpcFailure failure) {
                throw failure;
            }
            if (outcome.failure() != null) {
                throw RpcFailure.python(
                        "builtins",
                        "OSError",
                        "worker " + entry.getKey() + " did not take the data: "
                                + outcome.failure().getMessage());
            }
            if (outcome.reply() instanceof Map<?, ?> reply) {
                sizes.putAll(Wire.sizes(new Fields("update_data", reply), "nbytes"));
            }
        }
        return sizes;
    }

    /// Data that a client or a task placed on workers itself.
    private @Nullable Object updateData(Fields request, Connection connection)
            throws BadMessageException, InterruptedException {
        Map<TaskKey, List<String>> whoHas = Wire.whoHas(request, "who_has");
        for (List<String> holders : whoHas.values()) {
            for (String holder : holders) {
                cluster.workers().awaitJoined(holder);
            }
        }
        cluster.loop()
                .post(new Event.DataPlaced(
                        whoHas,
                        Wire.sizes(request, "nbytes"),
                        request.stringOrNull("client"),
                        Runtimes.of(cluster.workers(), whoHas.values()),
                        "update-data"));
        cluster.loop().await();
        return null;
    }

    /// Does not keep the caller waiting for a worker that has just registered: the two may share a thread.
    private Object addKeys(Fields request, Connection connection) throws BadMessageException {
        String worker = request.string("worker");
        if (cluster.workers().get(worker) == null) {
            return "not found";
        }
        var added = new Event.ReplicasAdded(worker, Wire.keys(request, "keys"), "add-keys");
        if (cluster.workers().hasJoined(worker)) {
            cluster.loop().post(added);
            cluster.loop().await();
        } else {
            Thread.ofVirtual().name("add-keys").start(() -> addOnceJoined(added));
        }
        return "OK";
    }

    private void addOnceJoined(Event.ReplicasAdded added) {
        try {
            if (cluster.workers().awaitJoined(added.worker())) {
                cluster.loop().post(added);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Where results are now: for each key the addresses of workers that hold it, none for a key that is unknown.
    static Map<TaskKey, List<String>> whoHas(SchedulerState state, Collection<TaskKey> keys) {
        Map<TaskKey, List<String>> whoHas = LinkedHashMap.newLinkedHashMap(keys.size());
        for (TaskKey key : keys) {
            TaskState task = state.task(key);
            whoHas.put(key, task == null ? List.of() : holders(task));
        }
        return whoHas;
    }

    static List<String> holders(TaskState task) {
        var addresses = new ArrayList<String>(task.whoHas().size());
        for (WorkerEntry worker : task.whoHas()) {
            addresses.add(worker.address());
        }
        return addresses;
    }
}
