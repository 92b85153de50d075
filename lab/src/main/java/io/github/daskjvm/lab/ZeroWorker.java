package io.github.daskjvm.lab;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The worker's side of the protocol without a worker: every task is answered at once, with a result of which there is
/// nothing but its size. To a scheduler it is a stock Python worker.
final class ZeroWorker {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);
    private static final byte[] TYPE = Pickle.of(Pickle.global("builtins", "object"));

    private final Connection connection;
    private final String address;
    private final long resultBytes;
    private final boolean silent;

    /// Joins the cluster.
    ///
    /// @param scheduler its address
    /// @param address its own, where something must listen that the scheduler may want to call
    /// @param threads that it says it has
    /// @param resultBytes that each result is said to have
    /// @param silent whether tasks are not answered at all
    /// @throws IOException if the scheduler does not take it
    ZeroWorker(String scheduler, String address, int threads, long resultBytes, boolean silent) throws IOException {
        this.address = address;
        this.resultBytes = resultBytes;
        this.silent = silent;
        connection = Connection.open(Address.parse(scheduler), null, CONNECT_TIMEOUT);
        connection.write(registration(threads));
        Object reply = connection.read();
        if (!(reply instanceof Map<?, ?> map) || !"OK".equals(map.get("status"))) {
            throw new IOException("the scheduler answered a registration with " + reply);
        }
    }

    private Map<String, Object> registration(int threads) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("op", "register-worker");
        message.put("reply", false);
        message.put("address", address);
        message.put("status", "running");
        message.put("nthreads", threads);
        message.put("name", address);
        message.put("now", now());
        message.put("resources", Map.of());
        message.put("memory_limit", 1L << 34);
        message.put("local_directory", "/");
        message.put("services", Map.of());
        message.put("nanny", "");
        message.put("pid", ProcessHandle.current().pid());
        message.put("versions", Map.of());
        message.put("metrics", metrics());
        message.put("extra", Map.of());
        message.put("stimulus_id", "worker-connect");
        message.put("server_id", "Worker-" + address);
        return message;
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    private static Map<String, Object> metrics() {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("task_counts", Map.of());
        metrics.put("bandwidth", Map.of("total", 1e8, "workers", Map.of(), "types", Map.of()));
        metrics.put("digests_total_since_heartbeat", Map.of("tick-duration", 0.5, "latency", 0.001));
        metrics.put("managed_bytes", 0);
        metrics.put("spilled_bytes", Map.of("memory", 0, "disk", 0));
        metrics.put("transfer", Map.of("incoming_bytes", 0, "outgoing_bytes", 0));
        metrics.put("event_loop_interval", 0.02);
        metrics.put("cpu", 2.0);
        metrics.put("memory", 1L << 27);
        metrics.put("time", now());
        metrics.put("num_fds", 30);
        metrics.put("host_net_io", Map.of("read_bps", 0.0, "write_bps", 0.0));
        metrics.put("host_disk_io", Map.of("read_bps", 0.0, "write_bps", 0.0));
        return metrics;
    }

    Map<String, Object> heartbeat() {
        return Map.of(
                "op",
                "heartbeat_worker",
                "address",
                address,
                "now",
                now(),
                "metrics",
                metrics(),
                "executing",
                Map.of(),
                "extensions",
                Map.of());
    }

    /// Answers until the scheduler ends the stream.
    ///
    /// @throws IOException when it does
    void serve() throws IOException {
        while (true) {
            Object read = connection.read();
            Collection<?> messages = read instanceof Collection<?> several ? several : List.of(String.valueOf(read));
            var answers = new MsgpackWriter(1024);
            int position = answers.openArray();
            int count = 0;
            for (Object message : messages) {
                if (message instanceof Map<?, ?> map && answer(map, answers)) {
                    count++;
                }
            }
            if (count > 0) {
                answers.patchArrayHeader(position, count);
                connection.write(answers);
            }
        }
    }

    private boolean answer(Map<?, ?> message, MsgpackWriter out) {
        if ("compute-task".equals(message.get("op")) && !silent) {
            finished(message, out);
            return true;
        }
        if ("steal-request".equals(message.get("op"))) {
            out.value(Map.of(
                    "op",
                    "steal-response",
                    "key",
                    required(message, "key"),
                    "state",
                    silent ? "executing" : "memory",
                    "stimulus_id",
                    required(message, "stimulus_id")));
            return true;
        }
        return false;
    }

    private void finished(Map<?, ?> task, MsgpackWriter out) {
        double now = now();
        out.mapHeader(11);
        out.string("op");
        out.string("task-finished");
        out.string("key");
        out.value(task.get("key"));
        out.string("status");
        out.string("OK");
        out.string("run_id");
        out.value(task.get("run_id"));
        out.string("nbytes");
        out.int64(resultBytes);
        out.string("type");
        out.bin(TYPE);
        out.string("typename");
        out.string("object");
        out.string("metadata");
        out.mapHeader(0);
        out.string("thread");
        out.int64(1);
        out.string("startstops");
        out.arrayHeader(1);
        out.mapHeader(3);
        out.string("action");
        out.string("compute");
        out.string("start");
        out.float64(now);
        out.string("stop");
        out.float64(now + 1e-6);
        out.string("stimulus_id");
        out.string("task-finished-0");
    }

    private static Object required(Map<?, ?> message, String field) {
        Object value = message.get(field);
        if (value == null) {
            throw new IllegalArgumentException("no " + field + " in " + message);
        }
        return value;
    }
}
