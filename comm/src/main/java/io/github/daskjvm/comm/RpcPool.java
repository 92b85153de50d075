package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/// Calls operations of peers, over connections that are kept for the next call. Any number of threads may call;
/// calls to one peer at one time each have a connection of their own.
public final class RpcPool implements AutoCloseable {
    private static final int IDLE_PER_PEER_MAX = 8;

    private final @Nullable Tls tls;
    private final Duration connectTimeout;
    private final FrameLimits limits;
    private final Map<String, Deque<Connection>> idle = new ConcurrentHashMap<>();
    /// What to close when a peer is given up: connections that carry a call, and attempts to connect.
    private final Map<String, Set<Breakable>> inUse = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public RpcPool(@Nullable Tls tls, Duration connectTimeout) {
        this(tls, connectTimeout, FrameLimits.OF_ANSWERS);
    }

    /// @param limits of one answer; a peer whose answer is larger has failed
    public RpcPool(@Nullable Tls tls, Duration connectTimeout, FrameLimits limits) {
        this.limits = limits;
        this.tls = tls;
        this.connectTimeout = connectTimeout;
    }

    /// One request and its reply. A peer that refuses a connection has failed: for callers that have another to ask,
    /// or will ask again.
    ///
    /// @param request with `op`
    /// @param timeout for the reply; zero waits for ever
    /// @throws RpcFailure if the handler raised
    /// @throws IOException if the peer cannot be reached or went away, or the reply did not come in time
    public @Nullable Object call(String address, Map<String, ?> request, Duration timeout)
            throws IOException, RpcFailure {
        return call(address, request, timeout, this::open);
    }

    /// As [#call], for callers that mean this peer: one that refuses a connection is tried again until the connect
    /// timeout, or the reply's if that is shorter, and until it is given up by [#forget].
    public @Nullable Object callPatiently(String address, Map<String, ?> request, Duration timeout)
            throws IOException, RpcFailure {
        Duration patience = timeout.isZero() || timeout.compareTo(connectTimeout) > 0 ? connectTimeout : timeout;
        return call(address, request, timeout, a -> openWithin(a, patience));
    }

    @FunctionalInterface
    private interface Opener {
        Connection open(String address) throws IOException;
    }

    private @Nullable Object call(String address, Map<String, ?> request, Duration timeout, Opener opener)
            throws IOException, RpcFailure {
        var message = new MsgpackWriter(512);
        message.value(request);
        Connection kept = kept(address);
        if (kept != null) {
            try {
                return checked(onThis(address, kept, c -> ask(c, message, timeout)));
            } catch (NotSentException e) {
                // It cannot have been served, so it may be sent again. What was sent is never repeated.
            }
        }
        return checked(onThis(address, opener.open(address), c -> ask(c, message, timeout)));
    }

    private static @Nullable Object ask(Connection connection, MsgpackWriter message, Duration timeout)
            throws IOException {
        try {
            connection.write(message);
        } catch (IOException e) {
            throw new NotSentException(e);
        }
        connection.readTimeout(timeout);
        return connection.read();
    }

    /// The request could not be written whole.
    private static final class NotSentException extends IOException {
        NotSentException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /// An exchange of more than a request and its reply.
    @FunctionalInterface
    public interface Exchange {
        @Nullable
        Object run(Connection connection) throws IOException;
    }

    /// Runs an exchange on a connection that is its own meanwhile. If it throws, the connection is closed; otherwise
    /// it must have left the connection in step.
    public @Nullable Object exchange(String address, Exchange exchange) throws IOException {
        return onThis(address, borrow(address), exchange);
    }

    private @Nullable Object onThis(String address, Connection connection, Exchange exchange) throws IOException {
        use(address, connection);
        boolean good = false;
        try {
            connection.readTimeout(Duration.ZERO);
            Object result = exchange.run(connection);
            good = true;
            return result;
        } finally {
            useNoMore(address, connection);
            if (good) {
                giveBack(address, connection);
            } else {
                connection.close();
            }
        }
    }

    /// A connection that is the caller's until it gives it back in step, or closes it. It ends when the peer is given
    /// up.
    public final class Held implements AutoCloseable {
        private final String address;
        private final Connection connection;
        private boolean over;

        private Held(String address, Connection connection) {
            this.address = address;
            this.connection = connection;
            use(address, connection);
        }

        public Connection connection() {
            return connection;
        }

        /// It can carry another call.
        public void giveBack() {
            if (!over) {
                over = true;
                useNoMore(address, connection);
                RpcPool.this.giveBack(address, connection);
            }
        }

        /// Closes it, unless it was given back.
        @Override
        public void close() {
            if (!over) {
                over = true;
                useNoMore(address, connection);
                connection.close();
            }
        }
    }

    /// As [#exchange], for an exchange that outlives the call.
    public Held hold(String address) throws IOException {
        return held(address, borrow(address));
    }

    /// As [#hold], trying as [#callPatiently] does.
    public Held holdPatiently(String address) throws IOException {
        Connection kept = kept(address);
        return held(address, kept == null ? openWithin(address, connectTimeout) : kept);
    }

    private Held held(String address, Connection connection) throws IOException {
        connection.readTimeout(Duration.ZERO);
        return new Held(address, connection);
    }

    private void use(String address, Breakable used) {
        inUse.compute(address, (a, set) -> {
            Set<Breakable> with = set == null ? new HashSet<>() : set;
            with.add(used);
            return with;
        });
    }

    private void useNoMore(String address, Breakable used) {
        inUse.computeIfPresent(address, (a, set) -> {
            set.remove(used);
            return set.isEmpty() ? null : set;
        });
    }

    /// @throws RpcFailure what the reply says that the handler raised
    public static @Nullable Object checked(@Nullable Object reply) throws RpcFailure {
        if (reply instanceof Map<?, ?> map && "uncaught-error".equals(map.get("status"))) {
            throw new RpcFailure(String.valueOf(map.get("exception_text")), map.get("exception"), map.get("traceback"));
        }
        return reply;
    }

    /// A connection for the caller alone, for exchanges that are more than request and reply. Close it, or
    /// [#giveBack] it when it is in step again.
    public Connection borrow(String address) throws IOException {
        Connection kept = kept(address);
        return kept == null ? open(address) : kept;
    }

    private @Nullable Connection kept(String address) {
        Deque<Connection> connections = idle.get(address);
        if (connections == null) {
            return null;
        }
        for (Connection c = connections.pollFirst(); c != null; c = connections.pollFirst()) {
            if (c.isUsable()) {
                return c;
            }
            c.close();
        }
        return null;
    }

    private Connection open(String address) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        return Connection.open(Address.parse(address), tls, connectTimeout, limits);
    }

    private Connection openWithin(String text, Duration timeout) throws IOException {
        Address address = Address.parse(text);
        var attempts = new Attempts(address, timeout);
        use(text, attempts);
        try {
            if (closed) {
                throw new IOException("closed");
            }
            return Connection.shakeHands(attempts.connect(), address, tls, connectTimeout, limits);
        } finally {
            useNoMore(text, attempts);
        }
    }

    public void giveBack(String address, Connection connection) {
        Deque<Connection> kept = idle.computeIfAbsent(address, a -> new ConcurrentLinkedDeque<>());
        connection.touch();
        if (closed || kept.size() >= IDLE_PER_PEER_MAX) {
            connection.close();
        } else {
            kept.addFirst(connection);
        }
    }

    /// Closes the connections to a peer that nobody uses at present; the next call opens another.
    public void closeIdle(String address) {
        Deque<Connection> kept = idle.remove(address);
        if (kept != null) {
            kept.forEach(Connection::close);
        }
    }

    /// Closes the connections to a peer that is gone; calls that wait for it, or for a connection to it, fail.
    public void forget(String address) {
        Set<Breakable> used = inUse.remove(address);
        if (used != null) {
            used.forEach(Breakable::close);
        }
        closeIdle(address);
    }

    @Override
    public void close() {
        closed = true;
        for (Deque<Connection> kept : new ArrayDeque<>(idle.values())) {
            kept.forEach(Connection::close);
        }
        idle.clear();
        inUse.keySet().forEach(this::forget);
    }
}
