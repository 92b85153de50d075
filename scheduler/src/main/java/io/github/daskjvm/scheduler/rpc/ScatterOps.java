package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// `scatter`: a client's values to workers, by way of the scheduler. Large ones are passed on while they come.
final class ScatterOps implements RpcHandler {
    private final Cluster cluster;
    private final ReplicaOps replicas;
    private final AtomicLong scattered = new AtomicLong();

    ScatterOps(Cluster cluster, ReplicaOps replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
    }

    /// Passes the values on.
    private interface Sender {
        /// @param workers the worker's address by key
        Map<String, WorkerCalls.Outcome> send(Map<Object, String> workers) throws IOException;
    }

    @Override
    public Object handle(Fields request, Connection connection) throws IOException, RpcFailure, InterruptedException {
        Map<?, ?> data = request.mapping("data");
        return scatter(request, workers -> sendWhole(data, workers));
    }

    @Override
    public boolean takesLarge() {
        return true;
    }

    @Override
    public Object handleLarge(Fields request, Incoming frames, Connection connection)
            throws IOException, RpcFailure, InterruptedException {
        StreamedScatter streamed = StreamedScatter.of(request.map(), frames);
        return streamed == null
                ? handle(Fields.of(frames.whole()), connection)
                : scatter(request, workers -> streamed.send(cluster.rpc(), workers));
    }

    private Object scatter(Fields request, Sender sender) throws IOException, RpcFailure, InterruptedException {
        Map<?, ?> data = request.mapping("data");
        String client = request.stringOrNull("client");
        Runtime runtime = "jvm".equals(request.get("runtime")) ? Runtime.JVM : Runtime.PYTHON;
        List<WorkerInfo> targets = awaitTargets(request, runtime);
        Map<TaskKey, List<String>> whoHas = new LinkedHashMap<>();
        Map<Object, String> workers = new LinkedHashMap<>();
        List<String> turns = turns(targets);
        int turn = (int) (scattered.getAndAdd(data.size()) % turns.size());
        for (Object key : data.keySet()) {
            String worker = turns.get(turn++ % turns.size());
            whoHas.put(Wire.key(key, request, "data"), List.of(worker));
            workers.put(key, worker);
        }
        Map<TaskKey, Long> sizes = sizes(sender.send(workers));
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
        return DataOps.values(whoHas.keySet());
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

    private Map<String, WorkerCalls.Outcome> sendWhole(Map<?, ?> data, Map<Object, String> workers) {
        Map<String, Map<Object, @Nullable Object>> shares = new LinkedHashMap<>();
        workers.forEach((key, worker) ->
                shares.computeIfAbsent(worker, w -> new LinkedHashMap<>()).put(key, data.get(key)));
        return cluster.calls()
                .all(
                        shares.keySet(),
                        worker -> Map.of("op", "update_data", "data", shares.getOrDefault(worker, Map.of())),
                        Duration.ZERO);
    }

    private static Map<TaskKey, Long> sizes(Map<String, WorkerCalls.Outcome> outcomes)
            throws BadMessageException, RpcFailure {
        Map<TaskKey, Long> sizes = new LinkedHashMap<>();
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
                sizes.putAll(Wire.sizes(Fields.of("update_data", reply), "nbytes"));
            }
        }
        return sizes;
    }
}
