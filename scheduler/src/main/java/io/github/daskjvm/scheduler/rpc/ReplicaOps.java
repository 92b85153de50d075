package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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

    private final Cluster cluster;
    private final java.util.concurrent.locks.ReentrantLock one = new java.util.concurrent.locks.ReentrantLock();

    ReplicaOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("replicate", this::replicate);
        handlers.put("rebalance", this::rebalance);
    }

    private @Nullable Object replicate(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        List<WorkerInfo> targets = running(cluster.workers(request, "workers"));
        long n = Math.min(request.integer("n", targets.size()), targets.size());
        if (n <= 0) {
            throw RpcFailure.valueError("Can not use replicate to delete data");
        }
        List<TaskKey> keys = Wire.keys(request, "keys");
        Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, keys));
        List<TaskKey> lost = new ArrayList<>();
        whoHas.forEach((key, holders) -> {
            if (holders.isEmpty()) {
                lost.add(key);
            }
        });
        if (!lost.isEmpty()) {
            return Map.of("status", "partial-fail", "keys", DataOps.values(lost));
        }
        if (request.bool("delete", true)) {
            deleteSurplus(whoHas, addresses(targets), (int) n);
        }
        replicate(keys, (int) n, targets, "replicate");
        return null;
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

    /// Copies each key until `n` of the targets hold it. In rounds, so that every new copy is a source for the
    /// next; a round that copied nothing is the last.
    void replicate(List<TaskKey> keys, int n, List<WorkerInfo> targets, String stimulusId) {
        one.lock();
        try {
            Set<String> addresses = addresses(targets);
            boolean progress = true;
            while (progress) {
                Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, keys));
                Map<String, Map<TaskKey, List<String>>> copies = round(whoHas, n, addresses);
                progress = !copies.isEmpty() && copy(copies, stimulusId);
            }
        } finally {
            one.unlock();
        }
    }

    /// At most two new copies for each there is.
    private static Map<String, Map<TaskKey, List<String>>> round(
            Map<TaskKey, List<String>> whoHas, int n, Set<String> targets) {
        Map<String, Map<TaskKey, List<String>>> copies = new LinkedHashMap<>();
        Map<String, Integer> load = new HashMap<>();
        whoHas.forEach((key, holders) -> {
            if (holders.isEmpty()) {
                return;
            }
            Set<String> without = new LinkedHashSet<>(targets);
            without.removeAll(holders);
            int have = targets.size() - without.size();
            int count = Math.min(Math.min(n - have, 2 * holders.size()), without.size());
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
            Fields fields = new Fields("gather", reply);
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

    /// A copy to make and the one to drop for it.
    private record Move(TaskKey key, String from, String to) {}

    /// Moves results from the workers with the most bytes to those with the least, until each is within a
    /// twentieth of the mean or nothing fits.
    private Object rebalance(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        Set<String> targets = addresses(running(cluster.workers(request, "workers")));
        List<TaskKey> keys = Wire.keysOrNull(request, "keys");
        if (keys != null) {
            Map<TaskKey, List<String>> whoHas = cluster.loop().query(state -> DataOps.whoHas(state, keys));
            List<TaskKey> lost = new ArrayList<>();
            whoHas.forEach((key, holders) -> {
                if (holders.isEmpty()) {
                    lost.add(key);
                }
            });
            if (!lost.isEmpty()) {
                return Map.of("status", "partial-fail", "keys", DataOps.values(lost));
            }
        }
        List<Move> moves = cluster.loop().query(state -> moves(state, targets, keys));
        one.lock();
        try {
            carryOut(moves);
        } finally {
            one.unlock();
        }
        return Map.of("status", "OK");
    }

    private void carryOut(List<Move> moves) {
        Map<String, Map<TaskKey, List<String>>> copies = new LinkedHashMap<>();
        for (Move move : moves) {
            copies.computeIfAbsent(move.to, w -> new LinkedHashMap<>()).put(move.key, List.of(move.from));
        }
        if (!copies.isEmpty() && copy(copies, "rebalance")) {
            Map<TaskKey, List<String>> now = cluster.loop()
                    .query(state ->
                            DataOps.whoHas(state, moves.stream().map(Move::key).toList()));
            Map<String, List<TaskKey>> drops = new LinkedHashMap<>();
            for (Move move : moves) {
                if (now.getOrDefault(move.key, List.of()).contains(move.to)) {
                    drops.computeIfAbsent(move.from, w -> new ArrayList<>()).add(move.key);
                }
            }
            drops.forEach(this::delete);
        }
    }

    private static List<Move> moves(SchedulerState state, Set<String> targets, @Nullable List<TaskKey> only) {
        Set<TaskKey> allowed = only == null ? Set.of() : new HashSet<>(only);
        Map<String, Long> bytes = new LinkedHashMap<>();
        Map<String, List<TaskState>> movable = new HashMap<>();
        long total = 0;
        for (var worker : state.workers()) {
            if (targets.contains(worker.address())) {
                bytes.put(worker.address(), worker.storedBytes());
                total += worker.storedBytes();
                var tasks = new ArrayList<TaskState>();
                for (TaskState task : worker.hasWhat()) {
                    if (task.whoHas().size() == 1 && (only == null || allowed.contains(task.key()))) {
                        tasks.add(task);
                    }
                }
                movable.put(worker.address(), tasks);
            }
        }
        if (bytes.size() < 2) {
            return List.of();
        }
        double mean = (double) total / bytes.size();
        var moves = new ArrayList<Move>();
        for (String from : bytes.keySet()) {
            for (TaskState task : movable.getOrDefault(from, List.of())) {
                long size = task.sizeBytes();
                String to = least(bytes);
                long have = bytes.getOrDefault(from, 0L);
                if (have <= mean * 1.05) {
                    break;
                }
                if (have - size >= mean * 0.95
                        && bytes.getOrDefault(to, 0L) + size <= mean * 1.05
                        && !to.equals(from)) {
                    moves.add(new Move(task.key(), from, to));
                    bytes.merge(from, -size, Long::sum);
                    bytes.merge(to, size, Long::sum);
                }
            }
        }
        return moves;
    }

    private static String least(Map<String, Long> bytes) {
        String least = "";
        long leastBytes = Long.MAX_VALUE;
        for (var entry : bytes.entrySet()) {
            if (entry.getValue() < leastBytes) {
                least = entry.getKey();
                leastBytes = entry.getValue();
            }
        }
        return least;
    }
}
