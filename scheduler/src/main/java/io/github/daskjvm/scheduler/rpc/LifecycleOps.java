package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Workers that go, the scheduler that ends, and what an adaptive deployment asks.
final class LifecycleOps {
    private static final Logger log = LoggerFactory.getLogger(LifecycleOps.class);
    /// Dask's `distributed.adaptive.target-duration`.
    private static final double TARGET_SECONDS = 5;

    private final Cluster cluster;
    private final RetireOps retirements;
    private final DoubleSupplier idleSince;
    private final LongSupplier waitingKeys;
    private final Consumer<Runnable> closeScheduler;

    /// @param idleSince seconds since 1970, 0 while busy
    /// @param waitingKeys keys of graphs that wait for a Python worker
    /// @param closeScheduler ends it, and runs what it is given while connections still stand
    LifecycleOps(
            Cluster cluster,
            RetireOps retirements,
            DoubleSupplier idleSince,
            LongSupplier waitingKeys,
            Consumer<Runnable> closeScheduler) {
        this.retirements = retirements;
        this.cluster = cluster;
        this.idleSince = idleSince;
        this.waitingKeys = waitingKeys;
        this.closeScheduler = closeScheduler;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("unregister", this::unregister);
        handlers.put("terminate", this::terminate);
        handlers.put("adaptive_target", this::adaptiveTarget);
        handlers.put("unrunnable_tasks", this::unrunnableTasks);
        handlers.put("check_idle", this::checkIdle);
        handlers.put("set_resources", this::setResources);
    }

    private Object unregister(Fields request, Connection connection) throws BadMessageException {
        boolean removed = cluster.workers()
                .remove(
                        request.string("address"),
                        request.bool("expected", false),
                        request.bool("close", true) ? "scheduler-remove-worker" : null,
                        request.get("stimulus_id") instanceof String text ? text : "unregister");
        return removed ? "OK" : "already-removed";
    }

    /// Who is answered can rely on it: the workers have been told, and nothing listens any more.
    private Object terminate(Fields request, Connection connection) throws BadMessageException {
        boolean reply = request.bool("reply", true);
        log.info("terminating, as asked by {}: {}", connection.peer(), String.valueOf(request.get("reason")));
        closeScheduler.accept(() -> {
            if (reply) {
                answer(connection);
            }
        });
        return RpcHandler.TAKEN;
    }

    private static void answer(Connection connection) {
        try {
            connection.write((Object) null);
        } catch (IOException e) {
            log.info("{} asked to terminate and did not wait for the answer: {}", connection.peer(), e.getMessage());
        }
    }

    /// A graph that waits for a Python worker counts as load for one at least.
    /// Where fewer workers would do, as many stay as can not be closed at little cost.
    private Object adaptiveTarget(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        Object given = request.get("target_duration");
        double seconds = given == null ? TARGET_SECONDS : Wire.seconds(given, request, "target_duration");
        int target = cluster.loop().query(state -> state.adaptiveTarget(seconds));
        int workers = cluster.workers().count();
        if (target < workers) {
            target = workers - retirements.closable();
        }
        return waitingKeys.getAsLong() > 0 ? Math.max(1, target) : target;
    }

    /// Not of Dask's: by runtime, for who makes workers of several kinds.
    private Object unrunnableTasks(Fields request, Connection connection) {
        Map<String, Object> counts = new LinkedHashMap<>();
        cluster.loop().query(state -> state.tasksWithoutWorker()).forEach((runtime, count) -> {
            long graphs = runtime == Runtime.PYTHON ? waitingKeys.getAsLong() : 0;
            counts.put(runtime.wireName(), count + graphs);
        });
        return counts;
    }

    private @Nullable Object checkIdle(Fields request, Connection connection) {
        double since = idleSince.getAsDouble();
        return since > 0 ? since : null;
    }

    private Object setResources(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String worker = request.string("worker");
        WorkerInfo info = cluster.workers().find(worker);
        if (info == null) {
            throw RpcFailure.valueError("no worker " + worker + " is known");
        }
        Map<String, Double> resources = Wire.numbers(request, "resources");
        info.resources(resources);
        cluster.loop().post(new Event.SetResources(info.address(), resources, "set-resources"));
        cluster.loop().await();
        return "OK";
    }
}
