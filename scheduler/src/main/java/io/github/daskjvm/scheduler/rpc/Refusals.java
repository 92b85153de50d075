package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import java.util.List;
import java.util.Map;

/// Operations of Python's scheduler that this one does not have. A caller is told so, and what to do instead, rather
/// than left with the null that an unknown operation gets.
final class Refusals {
    private Refusals() {}

    static void register(Map<String, RpcHandler> handlers) {
        refuse(
                handlers,
                List.of("run_function"),
                "client.run_on_scheduler is refused: this scheduler runs on the JVM and never runs user code. Use"
                        + " client.run to run a function on the workers");
        refuse(
                handlers,
                List.of("feed"),
                "feeds are refused: they run functions of the client in the scheduler, and this one runs no user code."
                        + " Progress is told by client.get_task_stream, as_completed and the Prometheus metrics");
        refuse(
                handlers,
                List.of("performance_report"),
                "performance reports are drawn by Python's scheduler with Bokeh and are not offered here; the Prometheus"
                        + " metrics and client.get_task_stream have the figures");
        refuse(
                handlers,
                List.of("dump_cluster_state_to_url"),
                "dumping the cluster state to a URL is not offered here; leave out the URL to have it sent to the"
                        + " client");
        refuse(handlers, List.of("benchmark_hardware"), "benchmarking the hardware is not offered here");
    }

    private static void refuse(Map<String, RpcHandler> handlers, List<String> ops, String text) {
        for (String op : ops) {
            handlers.putIfAbsent(op, (request, connection) -> {
                throw RpcFailure.python("builtins", "RuntimeError", text);
            });
        }
    }
}
