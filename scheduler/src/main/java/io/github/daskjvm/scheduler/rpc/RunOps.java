package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.graph.PythonRuns;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `run_on_scheduler`: the function runs on a Python worker, which refuses one that asks for the scheduler. The few
/// that Dask's own client sends are answered here.
final class RunOps {
    /// How `performance_report` asks how much the scheduler's monitor has recorded; it sends the number back.
    private static final String MONITOR_COUNT = "distributed.client.performance_report.__aenter__.<locals>.<lambda>";

    private final Cluster cluster;
    private final PythonRuns runs;

    RunOps(Cluster cluster) {
        this.cluster = cluster;
        this.runs = new PythonRuns(cluster.rpc());
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("run_function", this::run);
    }

    private @Nullable Object run(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, IOException {
        byte[] function = Opaque.bytes(request.required("function"));
        if (function == null) {
            throw request.wrong("function", "a pickled function");
        }
        PickledFunctions.Known known = PickledFunctions.read(function);
        if (known != null && known.name().equals(MONITOR_COUNT)) {
            return Map.of("status", "OK", "result", 0L);
        }
        byte[] arguments = Opaque.bytes(request.get("args"));
        byte[] keywords = Opaque.bytes(request.get("kwargs"));
        String worker =
                cluster.pythonWorker("run_on_scheduler: this scheduler runs on the JVM and never runs user code; it has"
                        + " a Python worker run the function, and there is none. Start one, or use client.run");
        return runs.run(worker, function, arguments, keywords, request.bool("wait", true));
    }
}
