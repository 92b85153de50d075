package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerEvent.Received;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.protocol.StreamedMessage;
import io.github.daskjvm.worker.python.PythonWriter;
import io.github.daskjvm.worker.spill.SpillTimes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The operations that others can call on the worker. Each call runs on its connection's own virtual thread.
final class WorkerOps {
    /// For the "OK" that ends `get_data`; a caller that is still reading a large answer is within it.
    private static final Duration ACKNOWLEDGE_TIMEOUT = Duration.ofMinutes(5);

    private final Worker worker;

    WorkerOps(Worker worker) {
        this.worker = worker;
    }

    Map<String, RpcHandler> handlers() {
        var handlers = new HashMap<String, RpcHandler>();
        handlers.put("get_data", this::getData);
        handlers.put("update_data", (request, connection) -> updateData(request));
        handlers.put("free_keys", (request, connection) -> {
            worker.parts().loop().handle(new WorkerEvent.FreeKeys(MessageDecoder.keys(request, "keys")));
            return null;
        });
        handlers.put("gather", (request, connection) -> gather(request));
        handlers.put("ping", (request, connection) -> "pong".getBytes(StandardCharsets.US_ASCII));
        handlers.put("echo", (request, connection) -> request.get("data"));
        handlers.put("identity", (request, connection) -> worker.identity());
        handlers.put("versions", (request, connection) -> HostVersions.map());
        handlers.put("keys", (request, connection) -> keys());
        handlers.put("call_stack", (request, connection) -> callStack(request));
        handlers.put("get_logs", (request, connection) -> worker.log().lines(request));
        handlers.put("get_story", (request, connection) -> List.of());
        handlers.put("dump_state", (request, connection) -> StateDump.of(worker));
        new ProfileOps(worker.profile()).register(handlers);
        handlers.put(
                "get_monitor_info",
                (request, connection) -> Map.of(
                        "range_query",
                        Map.of("cpu", List.of(), "memory", List.of(), "time", List.of()),
                        "count",
                        0,
                        "last_time",
                        System.currentTimeMillis() / 1000.0));
        handlers.put("update_jars", (request, connection) -> worker.jars().update());
        handlers.put(
                "actor_execute",
                (request, connection) -> worker.parts().loop().actors().execute(request, connection));
        handlers.put("terminate", this::terminate);
        for (String op : List.of("run", "run_coroutine", "actor_attribute", "upload_file")) {
            handlers.put(op, (request, connection) -> noPython(request));
        }
        for (String op : List.of("plugin-add", "plugin-remove")) {
            handlers.put(op, (request, connection) -> {
                worker.log().info("ignoring " + op + " of " + request.get("name") + ": it is Python code");
                return Map.of("status", "OK");
            });
        }
        return handlers;
    }

    /// Answers first, since nothing is answered once the worker has closed.
    private Object terminate(Fields request, Connection connection) throws IOException {
        if (request.bool("reply", true)) {
            connection.write("OK");
        }
        String reason = request.get("reason") instanceof String given ? given : "terminate";
        if (!request.bool("nanny", true)) {
            worker.leaveNannyAlone();
        }
        Thread.ofVirtual().start(() -> worker.close(reason));
        return RpcHandler.TAKEN;
    }

    /// Answers with the values, in Python's form to those who do not say that they read Java's, and ends when the
    /// caller has said that it has them: until then it counts against
    /// the limit of transfers.
    private Object getData(Fields request, Connection connection) throws IOException, RpcFailure {
        List<TaskKey> keys = MessageDecoder.keys(request, "keys");
        List<?> read = request.get("serializers") instanceof List<?> names ? names : List.of();
        Measurements measurements = worker.parts().measurements();
        if (!measurements.outgoingStarts(servedMax(connection))) {
            return Map.of("status", "busy");
        }
        long bytes = 0;
        SentTimes times = null;
        List<StoredValue> pinned = new ArrayList<>(keys.size());
        try {
            long startNanos = System.nanoTime();
            var message = new StreamedMessage();
            SpillTimes.take();
            var inMemory = new MemoryReads();
            bytes = data(keys, read, message, pinned, inMemory);
            SpillTimes spilled = SpillTimes.take();
            long preparedNanos = System.nanoTime();
            measurements.outgoingSends(bytes);
            connection.write(message);
            connection.readTimeout(ACKNOWLEDGE_TIMEOUT);
            Object acknowledged = connection.read();
            connection.readTimeout(Duration.ZERO);
            if (!"OK".equals(acknowledged)) {
                throw new IOException("get_data must be ended with \"OK\", not with " + acknowledged);
            }
            times = SentTimes.of(
                    (preparedNanos - startNanos) / 1e9,
                    (System.nanoTime() - preparedNanos) / 1e9,
                    inMemory,
                    spilled,
                    SpillTimes.take());
            return RpcHandler.ANSWERED;
        } catch (StreamedMessage.WrongLengthException e) {
            pinned.forEach(StoredValue::unsteady);
            throw e;
        } finally {
            pinned.forEach(StoredValue::unpin);
            measurements.outgoingDone(bytes, times);
        }
    }

    /// Puts the answer together.
    ///
    /// @param pinned gets the values in it
    /// @param inMemory counts those in memory
    /// @return bytes of the values
    private long data(
            List<TaskKey> keys, List<?> read, StreamedMessage message, List<StoredValue> pinned, MemoryReads inMemory) {
        DataStore store = worker.parts().store();
        Map<TaskKey, StoredValue> found = LinkedHashMap.newLinkedHashMap(keys.size());
        for (TaskKey key : keys) {
            StoredValue value = store.get(key);
            if (value != null && !found.containsKey(key) && inMemory.pin(value)) {
                pinned.add(value);
                found.put(key, value);
            }
        }
        MsgpackWriter body = message.body();
        body.mapHeader(2);
        body.string("status");
        body.string("OK");
        body.string("data");
        body.mapHeader(found.size());
        long bytes = 0;
        for (var entry : found.entrySet()) {
            body.value(entry.getKey().value());
            bytes += put(entry.getKey(), entry.getValue(), read, message);
        }
        return bytes;
    }

    /// How many may be served at a time when one more comes over this connection.
    private int servedMax(Connection connection) {
        if (worker.status() == WorkerStatus.PAUSED) {
            return 1;
        }
        String host = Address.parse(worker.address()).host();
        boolean local = Address.parse(connection.peer()).host().equals(host);
        int most = worker.options().incomingConnections();
        return local ? Math.clamp(2L * most, 1, Integer.MAX_VALUE) : most;
    }

    /// What cannot be sent becomes what fails where it is read, so that the other values arrive.
    private long put(TaskKey key, StoredValue value, List<?> read, StreamedMessage message) {
        try {
            return value.writeTo(message, read, worker.options().taskLoader());
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            Payload failure = PythonWriter.failure("the value of " + key + " cannot be sent: " + e.getMessage());
            message.payload(failure);
            return failure.sizeBytes();
        }
    }

    private Object updateData(Fields request) throws BadMessageException {
        var placed = new LinkedHashMap<TaskKey, Received>();
        var sizes = new LinkedHashMap<Object, Object>();
        for (var entry : request.mapping("data").entrySet()) {
            if (!(entry.getValue() instanceof Payload payload)) {
                throw request.wrong("data", "a map of keys to serialized values");
            }
            TaskKey key = MessageDecoder.key(request, entry.getKey());
            placed.put(key, new Received(StoredValue.ofPayload(payload), payload.sizeBytes()));
            sizes.put(key.value(), payload.sizeBytes());
        }
        worker.parts().loop().handle(new WorkerEvent.DataPlaced(placed));
        return Map.of("status", "OK", "nbytes", sizes);
    }

    /// Fetches the values at once, besides what the tasks need, from whoever of the named has them.
    private Object gather(Fields request) throws BadMessageException {
        Map<TaskKey, List<String>> whoHas = MessageDecoder.whoHas(request);
        Set<TaskKey> wanted = new LinkedHashSet<>();
        Set<String> peers = new LinkedHashSet<>();
        whoHas.forEach((key, workers) -> {
            if (!worker.parts().store().contains(key)) {
                wanted.add(key);
                peers.addAll(workers);
            }
        });
        for (String peer : peers) {
            List<TaskKey> keys = new ArrayList<>();
            for (TaskKey key : wanted) {
                if (whoHas.getOrDefault(key, List.of()).contains(peer)) {
                    keys.add(key);
                }
            }
            if (!keys.isEmpty()) {
                Map<TaskKey, Received> values = getPatiently(peer, keys);
                wanted.removeAll(values.keySet());
                worker.parts().loop().handle(new WorkerEvent.DataPlaced(values));
            }
        }
        if (wanted.isEmpty()) {
            return Map.of("status", "OK");
        }
        var missing = new LinkedHashMap<Object, Object>();
        for (TaskKey key : wanted) {
            missing.put(key.value(), whoHas.getOrDefault(key, List.of()));
        }
        return Map.of("status", "partial-fail", "keys", missing);
    }

    private Map<TaskKey, Received> getPatiently(String peer, List<TaskKey> keys) {
        try {
            for (int attempt = 0; attempt < 20; attempt++) {
                switch (worker.parts().transfers().get(peer, keys)) {
                    case PeerTransfers.Data(Map<TaskKey, Received> values) -> {
                        return values;
                    }
                    case PeerTransfers.Busy() -> Thread.sleep(150);
                }
            }
        } catch (IOException e) {
            worker.log().warn("could not gather from " + peer + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.of();
    }

    private Object keys() {
        var keys = new ArrayList<Object>();
        for (TaskKey key : worker.parts().store().keys()) {
            keys.add(key.value());
        }
        return keys;
    }

    private Object callStack(Fields request) throws BadMessageException {
        Collection<TaskKey> asked = request.get("keys") == null ? null : MessageDecoder.keys(request, "keys");
        var stacks = new LinkedHashMap<Object, Object>();
        for (TaskRun run : worker.parts().loop().running()) {
            StackTraceElement[] frames = run.stackTrace();
            if (frames.length > 0 && (asked == null || asked.contains(run.key()))) {
                var text = new ArrayList<String>(frames.length);
                for (StackTraceElement frame : frames) {
                    text.addFirst("  at " + frame + "\n");
                }
                stacks.put(run.key().value(), text);
            }
        }
        return stacks;
    }

    private Object noPython(Fields request) {
        String text = "op " + request.op() + ": the worker " + worker.address()
                + " runs Java tasks and has no Python; name Python workers with workers=[...]";
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("status", "error");
        reply.put("exception", Pickle.exception("builtins", "RuntimeError", text));
        reply.put("traceback", null);
        reply.put("exception_text", text);
        reply.put("traceback_text", "");
        return reply;
    }
}
