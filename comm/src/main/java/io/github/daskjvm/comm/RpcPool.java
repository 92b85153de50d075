package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/// Calls operations of peers, over connections that are kept for the next call. Any number of threads may call;
/// calls to one peer at one time each have a connection of their own.
public final class RpcPool implements AutoCloseable {
    private static final int IDLE_PER_PEER_MAX = 8;

    private final @Nullable Tls tls;
    private final Duration connectTimeout;
    private final Map<String, Deque<Connection>> idle = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public RpcPool(@Nullable Tls tls, Duration connectTimeout) {
        this.tls = tls;
        this.connectTimeout = connectTimeout;
    }

    /// One request and its reply.
    ///
    /// @param request with `op`
    /// @param timeout for the reply; zero waits for ever
    /// @throws RpcFailure if the handler raised
    /// @throws IOException if the peer cannot be reached or went away, or the reply did not come in time
    public @Nullable Object call(String address, Map<String, ?> request, Duration timeout)
            throws IOException, RpcFailure {
        Connection connection = borrow(address);
        boolean good = false;
        try {
            connection.readTimeout(timeout);
            var message = new MsgpackWriter(512);
            message.value(request);
            connection.write(message);
            Object reply = connection.read();
            good = true;
            return checked(reply);
        } finally {
            if (good) {
                giveBack(address, connection);
            } else {
                connection.close();
            }
        }
    }

    private static @Nullable Object checked(@Nullable Object reply) throws RpcFailure {
        if (reply instanceof Map<?, ?> map && "uncaught-error".equals(map.get("status"))) {
            throw new RpcFailure(String.valueOf(map.get("exception_text")), map.get("exception"), map.get("traceback"));
        }
        return reply;
    }

    /// A connection for the caller alone, for exchanges that are more than request and reply. Close it, or
    /// [#giveBack] it when it is in step again.
    public Connection borrow(String address) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        Deque<Connection> kept = idle.get(address);
        if (kept != null) {
            for (Connection c = kept.pollFirst(); c != null; c = kept.pollFirst()) {
                if (!c.isClosed() && !c.buffered()) {
                    return c;
                }
                c.close();
            }
        }
        return Connection.open(Address.parse(address), tls, connectTimeout);
    }

    public void giveBack(String address, Connection connection) {
        Deque<Connection> kept = idle.computeIfAbsent(address, a -> new ConcurrentLinkedDeque<>());
        if (closed || kept.size() >= IDLE_PER_PEER_MAX) {
            connection.close();
        } else {
            kept.addFirst(connection);
        }
    }

    /// Closes the kept connections to a peer that is gone.
    public void forget(String address) {
        Deque<Connection> kept = idle.remove(address);
        if (kept != null) {
            kept.forEach(Connection::close);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Deque<Connection> kept : new ArrayDeque<>(idle.values())) {
            kept.forEach(Connection::close);
        }
        idle.clear();
    }
}
