package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.worker.task.TaskCall;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A scheduler that does what a test says: it registers workers, keeps what they send, and sends them messages.
final class ScriptedScheduler implements AutoCloseable {
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private final RpcServer server;
    private final Map<String, Connection> workers = new ConcurrentHashMap<>();
    private final List<Fields> received = new CopyOnWriteArrayList<>();
    private final List<Fields> registrations = new CopyOnWriteArrayList<>();
    private final List<Fields> heartbeats = new CopyOnWriteArrayList<>();
    private long runs;
    volatile Object registrationReply = Map.of("status", "OK", "time", 1.0, "worker-plugins", Map.of());
    volatile Object heartbeatReply = Map.of("status", "OK", "time", 1.0, "heartbeat-interval", 0.02);

    ScriptedScheduler() throws IOException {
        server = RpcServer.start(
                new Address("tcp", "127.0.0.1", 0),
                null,
                FrameLimits.DEFAULT,
                Map.of("register-worker", this::register, "heartbeat_worker", (request, connection) -> {
                    heartbeats.add(request);
                    return heartbeatReply;
                }));
    }

    String address() {
        return "tcp://127.0.0.1:" + server.port();
    }

    private Object register(Fields request, Connection connection) throws IOException {
        registrations.add(request);
        connection.write(registrationReply);
        workers.put((String) request.map().get("address"), connection);
        try {
            while (true) {
                if (connection.read() instanceof Collection<?> messages) {
                    for (Object message : messages) {
                        received.add(Fields.of(message));
                    }
                }
            }
        } catch (IOException e) {
            workers.remove((String) request.map().get("address"));
            return RpcHandler.TAKEN;
        }
    }

    List<Fields> registrations() {
        return registrations;
    }

    List<Fields> heartbeats() {
        return heartbeats;
    }

    boolean knows(String worker) {
        return workers.containsKey(worker);
    }

    void send(String worker, Map<?, ?>... messages) throws IOException {
        Connection connection = workers.get(worker);
        if (connection == null) {
            throw new IOException(worker + " is gone");
        }
        connection.write(List.of(messages));
    }

    void cutOff(String worker) {
        Connection connection = workers.get(worker);
        if (connection != null) {
            connection.close();
        }
    }

    /// A compute-task message without dependencies.
    Map<String, @Nullable Object> compute(String key, Serializable function, Object... arguments) throws IOException {
        return compute(key, Map.of(), new TaskCall(function, List.of(arguments)).payload());
    }

    Map<String, @Nullable Object> compute(String key, Map<String, List<String>> whoHas, @Nullable Object runSpec) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("op", "compute-task");
        message.put("key", key);
        message.put("run_id", ++runs);
        message.put("priority", List.of(0, runs, 0));
        message.put("stimulus_id", "test");
        message.put("who_has", whoHas);
        var sizes = new LinkedHashMap<String, Object>();
        whoHas.keySet().forEach(dependency -> sizes.put(dependency, 10));
        message.put("nbytes", sizes);
        message.put("run_spec", runSpec);
        message.put("resource_restrictions", null);
        message.put("actor", false);
        message.put("annotations", Map.of());
        message.put("span_id", null);
        message.put("duration", 0.5);
        return message;
    }

    /// The first message of the op that the test accepts, waiting for it.
    Fields await(String op, Predicate<Fields> test) throws InterruptedException {
        return await(op, 1, test).getFirst();
    }

    Fields await(String op, String key) throws InterruptedException {
        return await(op, m -> key.equals(m.get("key")));
    }

    /// So many messages of the op.
    List<Fields> await(String op, int count, Predicate<Fields> test) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            var found = new ArrayList<Fields>();
            for (Fields message : received) {
                if (message.op().equals(op) && test.test(message)) {
                    found.add(message);
                }
            }
            if (found.size() >= count) {
                return found;
            }
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                throw new AssertionError("no " + count + " of " + op + "; came: " + received);
            }
            Thread.sleep(1);
        }
    }

    List<Fields> received() {
        return received;
    }

    @Override
    public void close() {
        server.close();
    }
}
