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
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets workers go without losing what only they hold.
final class RetireOps {
    private static final Logger log = LoggerFactory.getLogger(RetireOps.class);
    /// Rounds of copying in which nothing could be moved, before a worker is kept after all.
    private static final int FRUITLESS_ROUNDS_MAX = 5;

    private final Cluster cluster;
    private final ReplicaOps replicas;

    RetireOps(Cluster cluster, ReplicaOps replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("retire_workers", this::retire);
        handlers.put("workers_to_close", this::workersToClose);
    }

    private Object retire(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        List<WorkerInfo> leaving = chosen(request);
        if (leaving.isEmpty()) {
            return Map.of();
        }
        boolean close = request.bool("close_workers", false);
        boolean remove = request.bool("remove", true);
        Map<String, WorkerStatus> statusBefore = new LinkedHashMap<>();
        for (WorkerInfo worker : leaving) {
            statusBefore.put(worker.address(), worker.status());
            status(worker, WorkerStatus.CLOSING_GRACEFULLY);
        }
        cluster.loop().await();
        Map<String, Callable<@Nullable Object>> retirements = new LinkedHashMap<>();
        for (WorkerInfo worker : leaving) {
            retirements.put(worker.address(), () -> retire(worker, close, remove));
        }
        Map<String, Object> retired = new LinkedHashMap<>();
        for (var entry : WorkerCalls.concurrently(retirements).entrySet()) {
            Object identity = entry.getValue().reply();
            if (identity != null) {
                retired.put(entry.getKey(), identity);
                continue;
            }
            Exception failure = entry.getValue().failure();
            log.warn(
                    "could not retire worker {}: {}",
                    entry.getKey(),
                    failure == null ? "what only it holds could not be moved to another" : failure.toString());
            WorkerInfo worker = cluster.workers().get(entry.getKey());
            if (worker != null) {
                status(worker, statusBefore.getOrDefault(entry.getKey(), WorkerStatus.RUNNING));
            }
        }
        cluster.events().log("all", Map.of("action", "retire-workers", "retired", List.copyOf(retired.keySet())));
        return retired;
    }

    private List<WorkerInfo> chosen(Fields request) throws BadMessageException, RpcFailure {
        if (request.get("names") != null && request.get("workers") != null) {
            throw RpcFailure.python("builtins", "TypeError", "names and workers are mutually exclusive");
        }
        Collection<?> wanted;
        if (request.get("names") != null) {
            wanted = request.list("names");
        } else if (request.get("workers") != null) {
            wanted = request.list("workers");
        } else {
            wanted = toClose(request, "address");
        }
        var chosen = new LinkedHashSet<WorkerInfo>();
        for (Object item : wanted) {
            WorkerInfo worker = item == null ? null : cluster.workers().find(item);
            if (worker != null) {
                chosen.add(worker);
            }
        }
        return List.copyOf(chosen);
    }

    /// The worker and the state both learn of it.
    private void status(WorkerInfo worker, WorkerStatus status) {
        worker.status(status);
        cluster.loop().post(new Event.WorkerStatusChanged(worker.address(), status, "retire-workers"));
        cluster.workers()
                .send(
                        worker.address(),
                        Map.of(
                                "op",
                                "worker-status-change",
                                "status",
                                status.wireName(),
                                "stimulus_id",
                                "retire-workers"));
    }

    /// @return the worker's identity; null if what only it holds could not be moved
    private @Nullable Object retire(WorkerInfo worker, boolean close, boolean remove) {
        String address = worker.address();
        int fruitless = 0;
        List<TaskKey> unique = cluster.loop().query(state -> uniqueKeys(state, address));
        while (!unique.isEmpty()) {
            List<WorkerInfo> targets = targets(worker.runtime());
            if (targets.isEmpty() || fruitless >= FRUITLESS_ROUNDS_MAX) {
                return null;
            }
            int before = unique.size();
            replicas.replicate(unique, 1, targets, "retire-workers");
            unique = cluster.loop().query(state -> uniqueKeys(state, address));
            fruitless = unique.size() < before ? 0 : fruitless + 1;
        }
        Map<String, @Nullable Object> identity = worker.identity(true);
        if (remove) {
            boolean removed =
                    cluster.workers().remove(address, true, close ? "retire-workers" : null, "retire-workers");
            log.info("Retired worker {}{}", address, removed ? "" : ", which went by itself");
        } else if (close) {
            cluster.workers().send(address, Map.of("op", "close", "reason", "retire-workers"));
        }
        return identity;
    }

    private List<WorkerInfo> targets(Runtime runtime) {
        var targets = new ArrayList<WorkerInfo>();
        for (WorkerInfo worker : cluster.workers().all()) {
            if (worker.status() == WorkerStatus.RUNNING && worker.runtime() == runtime) {
                targets.add(worker);
            }
        }
        return targets;
    }

    /// Results that no running worker but this one holds.
    private static List<TaskKey> uniqueKeys(SchedulerState state, String address) {
        WorkerEntry worker = state.worker(address);
        if (worker == null) {
            return List.of();
        }
        var keys = new ArrayList<TaskKey>();
        for (TaskState task : worker.hasWhat()) {
            boolean elsewhere = false;
            for (WorkerEntry holder : task.whoHas()) {
                elsewhere |= holder != worker && holder.status() == WorkerStatus.RUNNING;
            }
            if (!elsewhere) {
                keys.add(task.key());
            }
        }
        return keys;
    }

    private Object workersToClose(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        return toClose(request, request.get("attribute") == null ? "address" : request.string("attribute"));
    }

    /// A worker as a candidate to close.
    private record Candidate(String address, boolean busy, long storedBytes, long limitBytes) {}

    /// Workers that can go at little cost: the idle before the busy, those with little data first, and as long as
    /// twice the memory that the data takes is left (`memory_ratio`), or down to `n` or `target`. Source:
    /// `Scheduler.workers_to_close`.
    private List<Object> toClose(Fields request, String attribute) throws BadMessageException, RpcFailure {
        if (request.get("key") != null) {
            throw RpcFailure.valueError("workers_to_close with a key function needs Python in the scheduler; leave"
                    + " `key` out, and workers are chosen one by one");
        }
        List<Candidate> candidates = cluster.loop().query(RetireOps::candidates);
        int total = cluster.workers().count();
        Long n = request.get("n") == null ? null : (Long) request.integer("n");
        if (n == null && request.get("target") != null) {
            n = total - request.integer("target");
        }
        long target = n == null ? 0 : total - Math.max(0, n);
        boolean byMemory = n == null || request.get("memory_ratio") != null;
        double ratio = request.number("memory_ratio", 2);
        long minimum = request.integer("minimum", 0);
        long limit = 0;
        long stored = 0;
        for (Candidate candidate : candidates) {
            limit += candidate.limitBytes;
            stored += candidate.storedBytes;
        }
        var close = new ArrayList<Object>();
        int remain = total;
        for (Candidate candidate : candidates) {
            if ((n == null && candidate.busy) || remain - 1 < minimum) {
                break;
            }
            limit -= candidate.limitBytes;
            if (!((n != null && remain - 1 >= target) || (byMemory && limit >= ratio * stored))) {
                break;
            }
            WorkerInfo worker = cluster.workers().get(candidate.address);
            if (worker != null) {
                close.add(attribute.equals("name") ? worker.name() : worker.address());
            }
            remain--;
        }
        return close;
    }

    private static List<Candidate> candidates(SchedulerState state) {
        var candidates = new ArrayList<Candidate>();
        for (WorkerEntry worker : state.workers()) {
            candidates.add(new Candidate(
                    worker.address(), !worker.processing().isEmpty(), worker.storedBytes(), worker.memoryLimitBytes()));
        }
        candidates.sort(Comparator.comparing(Candidate::busy).thenComparingLong(Candidate::storedBytes));
        return candidates;
    }
}
