package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Retirement;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.Collection;
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
    /// Between looks at how far a worker is; longer where it has more to give away.
    private static final long POLL_MIN_MILLIS = 10;

    private static final long POLL_MAX_MILLIS = 500;

    private final Cluster cluster;
    private final WorkersToClose toClose;

    RetireOps(Cluster cluster) {
        this.cluster = cluster;
        this.toClose = new WorkersToClose(cluster);
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
        String stimulus = request.get("stimulus_id") instanceof String given ? given : "retire-workers-" + Wire.now();
        Map<String, WorkerStatus> statusBefore = new LinkedHashMap<>();
        for (WorkerInfo worker : leaving) {
            statusBefore.put(worker.address(), worker.status());
            worker.status(WorkerStatus.CLOSING_GRACEFULLY);
        }
        cluster.loop().post(new Event.RetireWorkers(List.copyOf(statusBefore.keySet()), stimulus));
        Map<String, Callable<@Nullable Object>> retirements = new LinkedHashMap<>();
        for (WorkerInfo worker : leaving) {
            retirements.put(worker.address(), () -> retire(worker, close, remove, stimulus));
        }
        Map<String, Object> retired = new LinkedHashMap<>();
        List<String> kept = new ArrayList<>();
        for (var entry : WorkerCalls.concurrently(retirements).entrySet()) {
            Object identity = entry.getValue().reply();
            if (identity != null) {
                retired.put(entry.getKey(), identity);
            } else {
                kept.add(entry.getKey());
                keep(entry.getKey(), statusBefore.getOrDefault(entry.getKey(), WorkerStatus.RUNNING), stimulus);
            }
        }
        report(List.copyOf(retired.keySet()), kept, stimulus);
        return retired;
    }

    /// The worker goes back to what it was; the scheduler follows when it says so.
    private void keep(String address, WorkerStatus before, String stimulus) {
        cluster.workers()
                .send(
                        address,
                        Map.of("op", "worker-status-change", "status", before.wireName(), "stimulus_id", stimulus));
    }

    private void report(List<String> retired, List<String> kept, String stimulus) {
        cluster.events()
                .log(
                        "all",
                        Map.of(
                                "action",
                                "retire-workers",
                                "retired",
                                retired,
                                "could-not-retire",
                                kept,
                                "stimulus_id",
                                stimulus));
        cluster.events().log(retired, Map.of("action", "retired", "stimulus_id", stimulus));
        cluster.events().log(kept, Map.of("action", "could-not-retire", "stimulus_id", stimulus));
    }

    private List<WorkerInfo> chosen(Fields request) throws BadMessageException, RpcFailure {
        if (request.get("names") != null && request.get("workers") != null) {
            throw RpcFailure.python("builtins", "TypeError", "names and workers are mutually exclusive");
        }
        if (request.get("names") != null || request.get("workers") != null) {
            for (String name : List.of("memory_ratio", "n", "key", "minimum", "target", "attribute")) {
                if (request.get(name) != null) {
                    throw RpcFailure.python(
                            "builtins",
                            "TypeError",
                            "Parameters for workers_to_close() are mutually exclusive with names and workers: " + name);
                }
            }
        }
        Collection<?> wanted;
        if (request.get("names") != null) {
            wanted = request.list("names");
        } else if (request.get("workers") != null) {
            wanted = request.list("workers");
        } else {
            wanted = toClose.choose(request, "address");
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

    /// Waits until nothing is lost if the worker goes, then lets it go.
    ///
    /// @return the worker's identity; null if what only it holds could not be moved
    private @Nullable Object retire(WorkerInfo worker, boolean close, boolean remove, String stimulus)
            throws InterruptedException {
        String address = worker.address();
        Retirement retirement = cluster.loop().query(state -> state.retirement(address));
        while (retirement == Retirement.MOVING) {
            long results = cluster.loop().query(state -> results(state, address));
            Thread.sleep(Math.clamp(results * 5 / 2, POLL_MIN_MILLIS, POLL_MAX_MILLIS));
            retirement = cluster.loop().query(state -> state.retirement(address));
        }
        if (retirement != Retirement.DONE) {
            log.warn(
                    "Could not retire worker {}: {}",
                    address,
                    retirement == Retirement.HOLDS_ACTORS
                            ? "it holds actors, which can't be moved"
                            : "unique data could not be moved to any other worker");
            return null;
        }
        Map<String, @Nullable Object> identity = worker.identity(true);
        if (remove) {
            boolean removed = cluster.workers().remove(address, true, close ? "retire-workers" : null, stimulus);
            log.info("Retired worker {}{}", address, removed ? "" : ", which went by itself");
        } else if (close) {
            cluster.workers().send(address, Map.of("op", "close", "reason", "retire-workers"));
        }
        return identity;
    }

    private static long results(SchedulerState state, String address) {
        WorkerEntry worker = state.worker(address);
        return worker == null ? 0 : worker.hasWhat().size();
    }

    /// How many workers could go now.
    int closable() throws BadMessageException, RpcFailure {
        return toClose.choose(Fields.of(Map.of("op", "workers_to_close")), "address")
                .size();
    }

    private Object workersToClose(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        return toClose.choose(request, request.get("attribute") == null ? "address" : request.string("attribute"));
    }
}
