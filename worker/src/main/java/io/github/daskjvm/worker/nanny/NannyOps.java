package io.github.daskjvm.worker.nanny;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The operations that scheduler, clients and the worker call on a nanny: those of Dask's, and `worker_report`,
/// by which the worker's process says how it is. Each call runs on its connection's own virtual thread.
final class NannyOps {
    private static final double KILL_SECONDS = 5;
    private static final double RESTART_SECONDS = 30;
    private static final Duration START_PATIENCE = Duration.ofMinutes(5);

    private final Nanny nanny;

    NannyOps(Nanny nanny) {
        this.nanny = nanny;
    }

    Map<String, RpcHandler> handlers() {
        var handlers = new HashMap<String, RpcHandler>();
        handlers.put("identity", (request, connection) -> Map.of("type", "Nanny", "id", nanny.id()));
        handlers.put("ping", (request, connection) -> "pong".getBytes(StandardCharsets.US_ASCII));
        handlers.put("echo", (request, connection) -> request.get("data"));
        handlers.put("get_logs", (request, connection) -> nanny.log().lines(request));
        handlers.put("dump_state", (request, connection) -> dumpState());
        handlers.put("instantiate", (request, connection) -> instantiate());
        handlers.put("kill", (request, connection) -> {
            nanny.kill(seconds(request, KILL_SECONDS), reason(request, "nanny-kill"));
            return null;
        });
        handlers.put(
                "restart",
                (request, connection) ->
                        nanny.restart(seconds(request, RESTART_SECONDS), reason(request, "nanny-restart"))
                                ? "OK"
                                : "timed out");
        handlers.put("close_gracefully", (request, connection) -> {
            nanny.closeGracefully(reason(request, "nanny-close-gracefully"));
            return null;
        });
        handlers.put("terminate", this::terminate);
        handlers.put("worker_report", (request, connection) -> report(request));
        handlers.put("run", (request, connection) -> noPython(request));
        for (String op : List.of("plugin_add", "plugin_remove")) {
            handlers.put(op, (request, connection) -> {
                nanny.log().info("ignoring " + op + " of " + request.get("name") + ": it is Python code");
                return Map.of("status", "OK");
            });
        }
        return handlers;
    }

    private static Duration seconds(Fields request, double otherwise) throws IOException {
        double seconds = request.get("timeout") == null ? otherwise : request.number("timeout", otherwise);
        return Duration.ofMillis((long) (1000 * Math.clamp(seconds, 0, 1e6)));
    }

    private static String reason(Fields request, String otherwise) {
        return request.get("reason") instanceof String given ? given : otherwise;
    }

    /// There is a process always, or one about to be started: this waits for its worker.
    private Object instantiate() throws InterruptedException {
        ChildProcess child = nanny.child();
        return child != null && child.awaitJoined(START_PATIENCE) ? "running" : "starting";
    }

    /// Answers when the worker has ended, and before the nanny has, since then nothing is answered.
    private Object terminate(Fields request, Connection connection) throws IOException, InterruptedException {
        nanny.answering().lock();
        try {
            nanny.closeGracefully(reason(request, "nanny-close"));
            nanny.kill(seconds(request, KILL_SECONDS), reason(request, "nanny-close"));
            if (request.bool("reply", true)) {
                connection.write("OK");
            }
            return RpcHandler.TAKEN;
        } finally {
            nanny.answering().unlock();
        }
    }

    /// Of the process that knows the secret only; it is told when its report came too late.
    private Object report(Fields request) throws IOException {
        ChildProcess child = nanny.child();
        if (child == null || !child.knows(request.get("secret")) || request.integer("pid") != child.pid()) {
            return Map.of("status", "error", "message", "this nanny has no such child");
        }
        if (request.has("address")) {
            nanny.joined(child, new ChildProcess.Joined(request.string("address"), request.integer("memory_limit", 0)));
        }
        child.figures(new ChildProcess.Figures(request.integer("uncounted", 0), System.nanoTime()));
        return Map.of("status", "OK");
    }

    private Object dumpState() {
        ChildProcess child = nanny.child();
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("type", "Nanny");
        state.put("id", nanny.id());
        state.put("address", nanny.address());
        state.put("pid", child == null ? null : child.pid());
        ChildProcess.Joined worker = child == null ? null : child.worker();
        state.put("worker_address", worker == null ? null : worker.address());
        return state;
    }

    private Object noPython(Fields request) {
        String text = "op " + request.op() + ": the nanny " + nanny.address() + " has no Python";
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("status", "error");
        reply.put("exception", Pickle.exception("builtins", "RuntimeError", text));
        reply.put("traceback", null);
        reply.put("exception_text", text);
        reply.put("traceback_text", "");
        return reply;
    }
}
