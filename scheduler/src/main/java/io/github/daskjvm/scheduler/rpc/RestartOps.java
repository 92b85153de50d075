package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `restart` and `restart_workers`: workers with a nanny are killed by it and started again; those without are told
/// to end, for whoever started them to start others.
public final class RestartOps {
    private static final Logger log = LoggerFactory.getLogger(RestartOps.class);

    private final Cluster cluster;

    RestartOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("restart", this::restart);
        handlers.put("restart_workers", this::restartWorkers);
    }

    private @Nullable Object restart(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        log.info("Restarting workers and releasing all keys, as asked by {}", connection.peer());
        cluster.loop().post(new Event.Restart("restart"));
        cluster.loop().await();
        var restarted = restartWorkers(request, cluster.workers().all(), true);
        log.info("restarted {}", restarted);
        return null;
    }

    private Object restartWorkers(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        List<String> named = Wire.textsOrNull(request, "workers");
        List<WorkerInfo> workers = cluster.workers().all();
        if (named != null) {
            Set<String> wanted = new LinkedHashSet<>(named);
            workers.removeIf(worker -> !wanted.contains(worker.address()));
        }
        boolean raise = !"return".equals(request.get("on_error"));
        return restartWorkers(request, workers, raise);
    }

    private Map<String, Object> restartWorkers(Fields request, List<WorkerInfo> workers, boolean raise)
            throws BadMessageException, RpcFailure, InterruptedException {
        double timeout = request.get("timeout") == null ? 30 : Wire.seconds(request.get("timeout"), request, "timeout");
        long deadline = System.nanoTime() + (long) (timeout * 1e9);
        int before = cluster.workers().count();
        Map<String, Object> outcome = kill(workers, timeout);
        List<String> late = new ArrayList<>();
        outcome.forEach((address, how) -> {
            if (how.equals("timed out")) {
                late.add(address);
            }
        });
        if (!late.isEmpty() && raise) {
            throw timeout(late.size() + "/" + workers.size() + " nanny worker(s) did not shut down within " + timeout
                    + "s: " + late);
        }
        cluster.events().log("all", Map.of("action", "restart-workers", "workers", List.copyOf(outcome.keySet())));
        if (!request.bool("wait_for_workers", true)) {
            return outcome;
        }
        while (cluster.workers().count() < before && System.nanoTime() - deadline < 0) {
            Thread.sleep(50);
        }
        int missing = before - cluster.workers().count();
        if (missing > 0) {
            String text = "Waited for " + workers.size() + " worker(s) to reconnect after restarting but, after "
                    + timeout + "s, " + missing + " have not returned. Consider a longer timeout, or"
                    + " `wait_for_workers=False`. Workers without a nanny are shut down, not restarted.";
            if (raise) {
                throw timeout(text);
            }
            log.warn("{}", text);
            markLost(workers, outcome);
        }
        return outcome;
    }

    private static RpcFailure timeout(String text) {
        return RpcFailure.python("asyncio.exceptions", "TimeoutError", text);
    }

    private void markLost(List<WorkerInfo> workers, Map<String, Object> outcome) {
        Set<String> nannies = new LinkedHashSet<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            String nanny = worker.nanny();
            if (nanny != null) {
                nannies.add(nanny);
            }
        }
        for (WorkerInfo worker : workers) {
            String nanny = worker.nanny();
            if (nanny != null && !nannies.contains(nanny)) {
                outcome.put(worker.address(), "timed out");
            }
        }
    }

    /// Restarts workers that are taken for dead, without waiting for them to come back.
    public void giveUp(Collection<WorkerInfo> workers) {
        Map<String, Object> outcome = kill(List.copyOf(workers), 30);
        log.info("gave up workers: {}", outcome);
    }

    /// @return for each address `OK`, `removed` (it has no nanny) or `timed out`; none of them is registered any more
    private Map<String, Object> kill(List<WorkerInfo> workers, double timeoutSeconds) {
        Map<String, Object> outcome = new LinkedHashMap<>();
        Map<String, String> workerByNanny = new LinkedHashMap<>();
        for (WorkerInfo worker : workers) {
            String nanny = worker.nanny();
            if (nanny != null) {
                workerByNanny.put(nanny, worker.address());
            } else {
                log.warn("worker {} has no nanny and is closed, not restarted", worker.address());
                boolean removed = cluster.workers().remove(worker.address(), true, "restart", "restart");
                outcome.put(worker.address(), removed ? "removed" : "OK");
            }
        }
        var kills = cluster.calls()
                .all(
                        workerByNanny.keySet(),
                        nanny -> Map.of("op", "kill", "reason", "restart"),
                        Duration.ofMillis((long) (timeoutSeconds * 1000)));
        for (var entry : workerByNanny.entrySet()) {
            WorkerCalls.Outcome killed = kills.get(entry.getKey());
            Exception failure = killed == null ? null : killed.failure();
            boolean ok = failure == null;
            if (!ok) {
                log.warn(
                        "nanny {} of worker {} did not kill it: {}",
                        entry.getKey(),
                        entry.getValue(),
                        failure instanceof SocketTimeoutException ? "no answer" : String.valueOf(failure));
            }
            boolean stillThere = cluster.workers().remove(entry.getValue(), true, ok ? null : "restart", "restart");
            outcome.put(entry.getValue(), ok ? "OK" : "timed out");
            log.debug("worker {} was {}", entry.getValue(), stillThere ? "removed" : "gone");
        }
        return outcome;
    }
}
