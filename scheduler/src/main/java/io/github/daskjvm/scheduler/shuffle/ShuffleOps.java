package io.github.daskjvm.scheduler.shuffle;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.ShuffleRun;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.graph.PythonCalls;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import io.github.daskjvm.scheduler.rpc.Cluster;
import io.github.daskjvm.scheduler.rpc.WorkerCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What workers ask of peer-to-peer shuffles. Source: the handlers of Dask's `ShuffleSchedulerPlugin`.
public final class ShuffleOps {
    private static final Logger log = LoggerFactory.getLogger(ShuffleOps.class);
    private static final int FRUITLESS_ROUNDS_MAX = 3;
    private static final long ROUND_MILLIS = 100;

    private final Cluster cluster;
    private final RunMaker runs;

    public ShuffleOps(Cluster cluster) {
        this.cluster = cluster;
        var python = new PythonCalls(cluster.rpc());
        this.runs = new RunMaker(cluster.loop(), python);
        cluster.workers().listen(new Workers.Listener() {
            @Override
            public void added(WorkerInfo worker) {}

            @Override
            public void removed(String address) {
                python.forget(address);
            }
        });
    }

    public void register(Map<String, RpcHandler> handlers) {
        handlers.put("shuffle_get", this::get);
        handlers.put("shuffle_get_or_create", this::getOrCreate);
        handlers.put("shuffle_barrier", this::barrier);
        handlers.put("shuffle_restrict_task", this::restrictTask);
    }

    private Object get(Fields request, Connection connection) throws BadMessageException {
        String id = request.string("id");
        Object runSpec = join(id, request.string("worker"));
        return runSpec == null ? inconsistent("No active shuffle with id='" + id + "' found") : ok(runSpec);
    }

    private Object getOrCreate(Fields request, Connection connection) throws IOException, RpcFailure {
        String id = request.string("shuffle_id");
        TaskKey key = Wire.key(request, "key");
        String worker = request.string("worker");
        try {
            Object runSpec = join(id, worker);
            return ok(runSpec == null ? runs.runSpec(id, key, worker) : runSpec);
        } catch (InconsistentShuffleException e) {
            return inconsistent(String.valueOf(e.getMessage()));
        }
    }

    /// The run that is active, with the worker among its participants; null if there is none.
    private @Nullable Object join(String id, String worker) {
        cluster.loop().post(new Event.ShuffleJoined(id, worker));
        return cluster.loop().query(state -> {
            ShuffleRun run = state.shuffles().active(id);
            return run == null || !run.participants().contains(worker) ? null : run.runSpec();
        });
    }

    private static Map<String, Object> ok(Object runSpec) {
        return Map.of("status", "OK", "run_spec", runSpec);
    }

    private static Map<String, Object> inconsistent(String message) {
        return Map.of(
                "status",
                "error",
                "message",
                message,
                "exception",
                Pickle.exception("distributed.shuffle._exceptions", "P2PConsistencyError", message),
                "exception_text",
                "P2PConsistencyError(" + message + ")",
                "traceback_text",
                "");
    }

    /// What is to be known of a run outside of the loop.
    private record Running(long runId, String name, List<String> participants) {}

    private @Nullable Running running(String id) {
        return cluster.loop().query(state -> {
            ShuffleRun run = state.shuffles().active(id);
            return run == null ? null : new Running(run.runId(), run.toString(), List.copyOf(run.participants()));
        });
    }

    /// All inputs are sent: each participant writes out what it has received, and then outputs can be picked up.
    private @Nullable Object barrier(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String id = request.string("id");
        long runId = request.integer("run_id");
        Running run = running(id);
        if (run == null) {
            throw RpcFailure.python("builtins", "KeyError", id);
        }
        if (run.runId != runId) {
            throw RpcFailure.valueError("run_id=" + runId + " does not match " + run.name);
        }
        if (!request.bool("consistent", true)) {
            log.warn("Shuffle {} restarted due to data inconsistency during barrier", id);
            cluster.loop().post(new Event.ShuffleInconsistent(id, runId, "p2p-barrier-inconsistent"));
            cluster.loop().await();
            return null;
        }
        flush(id, run);
        return null;
    }

    private void flush(String id, Running run) throws RpcFailure {
        Map<String, ?> message = Map.of("op", "shuffle_inputs_done", "shuffle_id", id, "run_id", run.runId);
        List<String> waiting = run.participants;
        int fruitless = 0;
        while (!waiting.isEmpty()) {
            List<String> failed = new ArrayList<>();
            for (var entry :
                    cluster.calls().all(waiting, w -> message, Duration.ZERO).entrySet()) {
                if (failed(entry.getKey(), entry.getValue())) {
                    failed.add(entry.getKey());
                }
            }
            for (String worker : failed) {
                if (cluster.workers().get(worker) == null) {
                    throw RpcFailure.python(
                            "builtins", "RuntimeError", "Worker " + worker + " left during shuffle " + run.name);
                }
            }
            fruitless = failed.size() == waiting.size() ? fruitless + 1 : 0;
            if (fruitless >= FRUITLESS_ROUNDS_MAX) {
                throw RpcFailure.python(
                        "builtins",
                        "RuntimeError",
                        "Broadcast not making progress for " + run.name + ". Aborting. This is possibly due to"
                                + " overloaded workers. Increasing config `distributed.comm.timeouts.connect` timeout"
                                + " may help.");
            }
            waiting = failed;
            pause(!failed.isEmpty());
        }
    }

    private static void pause(boolean needed) throws RpcFailure {
        try {
            if (needed) {
                Thread.sleep(ROUND_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RpcFailure.python("builtins", "RuntimeError", "interrupted during a shuffle's barrier");
        }
    }

    /// @return whether to try again
    private static boolean failed(String worker, WorkerCalls.Outcome outcome) throws RpcFailure {
        if (outcome.failure() instanceof IOException e) {
            log.warn("Failure during broadcast of shuffle_inputs_done to {}, retrying: {}", worker, e.getMessage());
            return true;
        }
        if (outcome.failure() != null || outcome.reply() != null) {
            Object what = outcome.failure() == null
                    ? outcome.reply()
                    : outcome.failure().getMessage();
            throw RpcFailure.python(
                    "builtins", "RuntimeError", "Unexpected error encountered during P2P barrier: " + what);
        }
        return false;
    }

    private Object restrictTask(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String id = request.string("id");
        long runId = request.integer("run_id");
        TaskKey key = Wire.key(request, "key");
        String worker = request.string("worker");
        Running run = running(id);
        if (run == null) {
            throw RpcFailure.python("builtins", "KeyError", id);
        }
        if (run.runId != runId) {
            return inconsistent("Request " + (run.runId > runId ? "stale" : "invalid") + ", expected run_id=" + runId
                    + " for " + run.name);
        }
        cluster.loop().post(new Event.ShuffleOutputRestricted(id, runId, key, worker));
        return Map.of("status", "OK");
    }
}
