package io.github.daskjvm.client;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A peer on a real socket that does what a test tells it, for what a real scheduler or worker would not do when asked
/// to: misbehave, and at a chosen moment.
final class ScriptedPeers implements AutoCloseable {
    private final Map<String, RpcHandler> handlers = new HashMap<>();
    private final BlockingQueue<Map<Object, Object>> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<Connection> streams = new LinkedBlockingQueue<>();
    private volatile Object greeting = List.of(Map.of("op", "stream-start"));
    private RpcServer server;
    private volatile Connection stream;

    static ScriptedPeers scheduler() {
        var peer = new ScriptedPeers();
        peer.handlers.put("register-client", peer::register);
        return peer;
    }

    static ScriptedPeers worker() {
        return new ScriptedPeers();
    }

    ScriptedPeers on(String op, RpcHandler handler) {
        handlers.put(op, handler);
        return this;
    }

    ScriptedPeers greeting(Object message) {
        greeting = message;
        return this;
    }

    ScriptedPeers start() throws IOException {
        return start(0);
    }

    ScriptedPeers start(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                server = RpcServer.start(new Address("tcp", "127.0.0.1", port), null, FrameLimits.DEFAULT, handlers);
                return this;
            } catch (BindException e) {
                // Whoever had the port before closes it on a thread of its own.
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    String address() {
        return "tcp://127.0.0.1:" + server.port();
    }

    int port() {
        return server.port();
    }

    private Object register(Fields request, Connection connection) throws IOException {
        received.add(map(request.map()));
        connection.write(greeting);
        streams.add(connection);
        try {
            while (true) {
                for (Object message : (List<?>) connection.read()) {
                    received.add(map(message));
                    if (((Map<?, ?>) message).get("op").equals("close-stream")) {
                        return RpcHandler.TAKEN;
                    }
                }
            }
        } catch (EOFException e) {
            return RpcHandler.TAKEN;
        }
    }

    @SuppressWarnings("unchecked")
    static Map<Object, Object> map(Object message) {
        return (Map<Object, Object>) message;
    }

    /// The next message of a client's stream with this op; others before it are dropped.
    Map<Object, Object> next(String op) throws InterruptedException {
        for (; ; ) {
            Map<Object, Object> message = received.poll(10, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no " + op + " came within 10 s");
            }
            if (message.get("op").equals(op)) {
                return message;
            }
        }
    }

    /// Messages that have come and were not taken by [#next].
    List<Map<Object, Object>> pending() {
        return new ArrayList<>(received);
    }

    /// To the client that registered last.
    void tell(Map<String, ?> message) throws Exception {
        Connection newer = stream == null ? streams.poll(10, TimeUnit.SECONDS) : streams.poll();
        if (newer != null) {
            stream = newer;
        }
        stream.write(List.of(message));
    }

    @Override
    public void close() {
        server.close();
    }
}
