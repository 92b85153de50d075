package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Rebalancing;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies of results: more of them, fewer of them, elsewhere. One operation at a time.
final class ReplicaOps {
    private static final Logger log = LoggerFactory.getLogger(ReplicaOps.class);

    /// New copies for each there is, in one round; as Dask's.
    private static final long BRANCHING_FACTOR = 2;

    private final Cluster cluster;
    private final java.util.concurrent.locks.ReentrantLock one = new java.util.concurrent.locks.ReentrantLock();

    ReplicaOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("replicate", this::replicate);
        handlers.put("rebalance", this::rebalance);
    }

    private @Nullable Object replicate(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        List<WorkerInfo> targets = running(cluster.workersByHost(request, "workers"));
        long n = Math.min(request.integer("n", targets.size()), targets.size());
        if (n <= 0) {
            throw RpcFailure.valueError("Can not use replicate to delete data");
        }
        List<TaskKey> keys = Wire.keys(request, "keys");
        Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, keys));
        List<TaskKey> lost = lost(whoHas);
        if (!lost.isEmpty()) {
            return Map.of("status", "partial-fail", "keys", DataOps.values(lost));
        }
        long branching = request.integer("branching_factor", BRANCHING_FACTOR);
        if (branching <= 0) {
            throw RpcFailure.valueError("branching_factor must be above 0, it is " + branching);
        }
        boolean delete = request.bool("delete", true);
        for (var part : byRuntime(keys).entrySet()) {
            List<WorkerInfo> able = new ArrayList<>(targets);
            able.removeIf(worker -> worker.runtime() != part.getKey());
            int copies = (int) Math.min(n, able.size());
            if (copies == 0) {
                throw RpcFailure.valueError("none of these workers holds results of " + part.getKey() + " tasks");
            }
            if (delete) {
                Map<TaskKey, List<String>> holders = new LinkedHashMap<>(whoHas);
                holders.keySet().retainAll(new HashSet<>(part.getValue()));
                deleteSurplus(holders, addresses(able), copies);
            }
            replicate(part.getValue(), copies, able, branching, "replicate");
        }
        cluster.events()
                .log(
                        "all",
                        Map.of(
                                "action",
                                "replicate",
                                "workers",
                                List.copyOf(addresses(targets)),
                                "key-count",
                                keys.size(),
                                "branching-factor",
                                branching));
        return null;
    }

    /// A copy on a worker of another runtime would be another value, or none.
    private Map<Runtime, List<TaskKey>> byRuntime(List<TaskKey> keys) {
        return cluster.loop().query(state -> {
            Map<Runtime, List<TaskKey>> parts = new EnumMap<>(Runtime.class);
            for (TaskKey key : keys) {
                TaskState task = state.task(key);
                if (task != null) {
                    parts.computeIfAbsent(task.runtime(), runtime -> new ArrayList<>())
                            .add(key);
                }
            }
            return parts;
        });
    }

    private static List<WorkerInfo> running(List<WorkerInfo> workers) {
        var running = new ArrayList<WorkerInfo>(workers.size());
        for (WorkerInfo worker : workers) {
            if (worker.status() == WorkerStatus.RUNNING) {
                running.add(worker);
            }
        }
        return running;
    }

    private static Set<String> addresses(Collection<WorkerInfo> workers) {
        Set<String> addresses = new LinkedHashSet<>();
        for (WorkerInfo worker : workers) {
            addresses.add(worker.address());
        }
        return addresses;
    }

    private void deleteSurplus(Map<TaskKey, List<String>> whoHas, Set<String> targets, int n) {
        Map<String, List<TaskKey>> surplus = new LinkedHashMap<>();
        whoHas.forEach((key, holders) -> {
            int kept = 0;
            for (String holder : holders) {
                if (targets.contains(holder) && ++kept > n) {
                    surplus.computeIfAbsent(holder, w -> new ArrayList<>()).add(key);
                }
            }
        });
        surplus.forEach(this::delete);
    }

    /// Has a worker drop copies; afterwards the state knows.
    void delete(String worker, List<TaskKey> keys) {
        try {
            Object reply = cluster.rpc()
                    .call(
                            worker,
                            Map.of("op", "free_keys", "keys", DataOps.values(keys), "stimulus_id", "delete-data"),
                            Duration.ZERO);
            log.debug("worker {} dropped {} keys: {}", worker, keys.size(), reply);
        } catch (java.io.IOException | RpcFailure e) {
            log.warn("worker {} did not drop {} keys: {}", worker, keys.size(), e.getMessage());
            return;
        }
        cluster.loop().post(new Event.ReplicasDropped(worker, keys, "delete-data"));
        cluster.loop().await();
    }

    /// As [#replicate(List, int, List, long, String)], with two copies for each there is.
    void replicate(List<TaskKey> keys, int n, List<WorkerInfo> targets, String stimulusId) {
        replicate(keys, n, targets, BRANCHING_FACTOR, stimulusId);
    }

    /// Copies each key until `n` of the targets hold it. In rounds, so that every new copy is a source for the
    /// next; a round that copied nothing is the last.
    private void replicate(List<TaskKey> keys, int n, List<WorkerInfo> targets, long branching, String stimulusId) {
        one.lock();
        try {
            Set<String> addresses = addresses(targets);
            boolean progress = true;
            while (progress) {
                Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, keys));
                Map<String, Map<TaskKey, List<String>>> copies = round(whoHas, n, addresses, branching);
                progress = !copies.isEmpty() && copy(copies, stimulusId);
            }
        } finally {
            one.unlock();
        }
    }

    /// At most so many new copies for each there is.
    private static Map<String, Map<TaskKey, List<String>>> round(
            Map<TaskKey, List<String>> whoHas, int n, Set<String> targets, long branching) {
        Map<String, Map<TaskKey, List<String>>> copies = new LinkedHashMap<>();
        Map<String, Integer> load = new HashMap<>();
        whoHas.forEach((key, holders) -> {
            if (holders.isEmpty()) {
                return;
            }
            Set<String> without = new LinkedHashSet<>(targets);
            without.removeAll(holders);
            int have = targets.size() - without.size();
            int count = (int) Math.min(Math.min(n - have, branching * holders.size()), without.size());
            for (int i = 0; i < count; i++) {
                String least = null;
                for (String worker : without) {
                    if (least == null || load.getOrDefault(worker, 0) < load.getOrDefault(least, 0)) {
                        least = worker;
                    }
                }
                if (least != null) {
                    without.remove(least);
                    load.merge(least, 1, Integer::sum);
                    copies.computeIfAbsent(least, w -> new LinkedHashMap<>()).put(key, holders);
                }
            }
        });
        return copies;
    }

    /// Has workers fetch copies from peers; whether any did.
    private boolean copy(Map<String, Map<TaskKey, List<String>>> copies, String stimulusId) {
        var outcomes = cluster.calls()
                .all(
                        copies.keySet(),
                        worker -> Map.of("op", "gather", "who_has", wire(copies.getOrDefault(worker, Map.of()))),
                        Duration.ZERO);
        boolean any = false;
        for (var entry : outcomes.entrySet()) {
            List<TaskKey> copied =
                    copied(entry.getKey(), entry.getValue(), copies.getOrDefault(entry.getKey(), Map.of()));
            if (!copied.isEmpty()) {
                any = true;
                cluster.loop().post(new Event.ReplicasAdded(entry.getKey(), copied, stimulusId));
            }
        }
        cluster.loop().await();
        return any;
    }

    private static List<TaskKey> copied(String worker, WorkerCalls.Outcome outcome, Map<TaskKey, List<String>> asked) {
        if (!(outcome.reply() instanceof Map<?, ?> reply)) {
            log.warn("worker {} fetched no copies: {}", worker, String.valueOf(outcome.failure()));
            return List.of();
        }
        Set<TaskKey> failed = new HashSet<>();
        try {
            Fields fields = Fields.of("gather", reply);
            failed.addAll(Wire.keys(fields.listOrEmpty("keys"), fields, "keys"));
        } catch (BadMessageException e) {
            log.warn("worker {} answers gather with nonsense: {}", worker, e.getMessage());
            return List.of();
        }
        var copied = new ArrayList<TaskKey>();
        for (TaskKey key : asked.keySet()) {
            if (!failed.contains(key)) {
                copied.add(key);
            }
        }
        return copied;
    }

    private static Map<Object, Object> wire(Map<TaskKey, List<String>> whoHas) {
        Map<Object, Object> wire = LinkedHashMap.newLinkedHashMap(whoHas.size());
        whoHas.forEach((key, workers) -> wire.put(key.value(), workers));
        return wire;
    }

    // ---- rebalance ----

    /// Moves results so that all workers use about as much memory; see [Rebalancing].
    private Object rebalance(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        Set<String> workers = addresses(cluster.workers(request, "workers"));
        List<TaskKey> keys = Wire.keysOrNull(request, "keys");
        if (keys != null) {
            List<TaskKey> lost = cluster.loop().query(state -> lost(DataOps.whoHas(state, keys)));
            if (!lost.isEmpty()) {
                return Map.of("status", "partial-fail", "keys", DataOps.values(lost));
            }
        }
        Set<TaskKey> allowed = keys == null ? null : new HashSet<>(keys);
        one.lock();
        try {
            Rebalancing.Plan plan = cluster.loop().query(state -> Rebalancing.plan(state, workers, allowed));
            Set<TaskKey> failed = carryOut(plan);
            if (!failed.isEmpty() && keys != null) {
                return Map.of("status", "partial-fail", "keys", DataOps.values(failed));
            }
        } finally {
            one.unlock();
        }
        return Map.of("status", "OK");
    }

    private static List<TaskKey> lost(Map<TaskKey, List<String>> whoHas) {
        List<TaskKey> lost = new ArrayList<>();
        whoHas.forEach((key, holders) -> {
            if (holders.isEmpty()) {
                lost.add(key);
            }
        });
        return lost;
    }

    /// Copies first, then drops what was copied.
    ///
    /// @return keys that were not copied
    private Set<TaskKey> carryOut(Rebalancing.Plan plan) {
        Map<String, Map<TaskKey, List<String>>> copies = new LinkedHashMap<>();
        for (Rebalancing.Move move : plan.moves()) {
            copies.computeIfAbsent(move.to(), w -> new LinkedHashMap<>())
                    .computeIfAbsent(move.key(), k -> new ArrayList<>())
                    .add(move.from());
        }
        Set<TaskKey> failed = new LinkedHashSet<>();
        Map<String, List<TaskKey>> drops = new LinkedHashMap<>();
        if (!copies.isEmpty()) {
            copy(copies, "rebalance");
            List<TaskKey> keys =
                    plan.moves().stream().map(Rebalancing.Move::key).toList();
            Map<TaskKey, List<String>> now = cluster.loop().query(state -> DataOps.whoHas(state, keys));
            for (Rebalancing.Move move : plan.moves()) {
                if (now.getOrDefault(move.key(), List.of()).contains(move.to())) {
                    drops.computeIfAbsent(move.from(), w -> new ArrayList<>()).add(move.key());
                } else {
                    failed.add(move.key());
                }
            }
            drops.forEach(this::delete);
        }
        cluster.events()
                .log(
                        "all",
                        Map.of(
                                "action",
                                "rebalance",
                                "senders",
                                plan.senders(),
                                "recipients",
                                plan.recipients(),
                                "moved_keys",
                                plan.moves().size() - failed.size()));
        return failed;
    }
}
