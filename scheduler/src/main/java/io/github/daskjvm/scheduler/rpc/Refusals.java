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
                List.of("dump_cluster_state_to_url"),
                "dumping the cluster state to a URL is not offered here, as it needs Python's fsspec; with"
                        + " write_from_scheduler=False the client writes it, to any URL");
    }

    private static void refuse(Map<String, RpcHandler> handlers, List<String> ops, String text) {
        for (String op : ops) {
            handlers.putIfAbsent(op, (request, connection) -> {
                throw RpcFailure.python("builtins", "RuntimeError", text);
            });
        }
    }
}
