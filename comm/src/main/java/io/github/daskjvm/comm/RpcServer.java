package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameParser.HttpRequestException;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.protocol.TruncatedMessageException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens, and serves each accepted connection on a virtual thread of its own: a handshake, then requests in
/// turn, each a map with an `op`, each answered unless it says `reply: false`. What a peer does wrong ends at
/// most its own connection, with one line in the log.
public final class RpcServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RpcServer.class);
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(30);
    /// For a thread to find that its socket is closed, on the busiest machine.
    private static final Duration LETTING_GO = Duration.ofSeconds(10);
    /// Payloads of a request that are larger together may be passed on while they come.
    private static final long LARGE_BYTES = 1 << 20;

    private final ServerSocket listener;
    private final String protocol;
    private final FrameLimits limits;
    private final Map<String, RpcHandler> handlers;
    private final OpMeter calls;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Thread accepting;
    private volatile boolean closed;

    private RpcServer(
            ServerSocket listener,
            String protocol,
            FrameLimits limits,
            Map<String, RpcHandler> handlers,
            OpMeter calls) {
        this.listener = listener;
        this.protocol = protocol;
        this.limits = limits;
        this.handlers = Map.copyOf(calls.measured(handlers));
        this.calls = calls;
        accepting = Thread.ofVirtual().name("accept-" + listener.getLocalPort()).unstarted(this::accept);
    }

    /// Binds and starts to accept.
    ///
    /// @param address port 0 picks a free one
    /// @param tls must be given for a `tls` address
    /// @throws java.net.BindException if the port is taken
    public static RpcServer start(
            Address address, @Nullable Tls tls, FrameLimits limits, Map<String, RpcHandler> handlers)
            throws IOException {
        return start(address, tls, limits, handlers, new OpMeter());
    }

    /// As above.
    ///
    /// @param calls counts them
    public static RpcServer start(
            Address address, @Nullable Tls tls, FrameLimits limits, Map<String, RpcHandler> handlers, OpMeter calls)
            throws IOException {
        if (address.isTls() && tls == null) {
            throw new IOException("a certificate authority, certificate and key are needed to listen on " + address);
        }
        // Sockets that a channel accepts have channels, which a stream's selector can take over.
        ServerSocket listener = tls != null && address.isTls()
                ? tls.server()
                : ServerSocketChannel.open().socket();
        listener.setReuseAddress(true);
        try {
            listener.bind(
                    address.host().isEmpty()
                            ? new InetSocketAddress(address.port())
                            : new InetSocketAddress(address.host(), address.port()),
                    1024);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        var server = new RpcServer(listener, address.protocol(), limits, handlers, calls);
        server.accepting.start();
        return server;
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                if (closed) {
                    // It came while we closed, too late for close() to see it.
                    socket.close();
                    return;
                }
                Thread.ofVirtual()
                        .name("serve-" + socket.getRemoteSocketAddress())
                        .start(() -> serve(socket));
            } catch (IOException e) {
                if (!closed) {
                    log.warn("could not accept a connection: {}", e.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket) {
        Object peer = socket.getRemoteSocketAddress();
        try {
            Connection connection = Connection.accept(socket, limits, HANDSHAKE_TIMEOUT, protocol);
            peer = connection.peer();
            while (exchange(connection)) {
                // Requests are served in the order they come.
            }
        } catch (HttpRequestException e) {
            log.warn("closing the connection from {}: {}", peer, e.getMessage());
            answerHttp(socket, e.getMessage());
        } catch (TruncatedMessageException e) {
            log.warn("the connection from {} broke off: {}", peer, e.getMessage());
        } catch (EOFException | SocketException e) {
            log.debug("connection from {} ended: {}", peer, e.getMessage());
        } catch (IOException e) {
            if (!closed) {
                log.warn("closing the connection from {}: {}", peer, e.getMessage());
            }
        } finally {
            open.remove(socket);
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("a socket that cannot be closed is gone already: {}", e.getMessage());
        }
    }

    /// Says where to go, and takes in the rest of the request: closing before it is read would drop the answer.
    private static void answerHttp(Socket socket, @Nullable String text) {
        try {
            byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
            String head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                    + body.length + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.shutdownOutput();
            socket.setSoTimeout(1000);
            long skipped = socket.getInputStream().skip(1 << 16);
            log.debug("an HTTP request of {} bytes more", skipped);
        } catch (IOException e) {
            log.debug("the HTTP client did not wait for its answer: {}", e.getMessage());
        }
    }

    /// One request and its reply; false when the connection is to end.
    private boolean exchange(Connection connection) throws IOException {
        Incoming large = connection.begin(bytes -> bytes < LARGE_BYTES);
        Fields request = Fields.of(large == null ? connection.read() : large.body());
        RpcHandler handler = handlers.get(request.op());
        if (large != null && (handler == null || !handler.takesLarge())) {
            request = Fields.of(large.whole());
            large = null;
        }
        boolean reply = request.bool("reply", true);
        if (request.op().equals("close")) {
            if (reply) {
                connection.write("OK");
            }
            return false;
        }
        Object answer = answer(handler, request, large, connection);
        if (large != null) {
            large.skip();
        }
        if (answer == RpcHandler.TAKEN) {
            return false;
        }
        if (reply && answer != RpcHandler.ANSWERED) {
            connection.write(answer);
        }
        return !request.bool("close", false);
    }

    private @Nullable Object answer(
            @Nullable RpcHandler handler, Fields request, @Nullable Incoming large, Connection connection)
            throws IOException {
        if (handler == null) {
            calls.unknown(request.op());
            log.warn("unknown op {} from {}", request.op(), connection.peer());
            return null;
        }
        try {
            return large == null
                    ? handler.handle(request, connection)
                    : handler.handleLarge(request, large, connection);
        } catch (RpcFailure e) {
            return uncaught(e.getMessage(), e.pickledException(), e.pickledTraceback());
        } catch (BadMessageException e) {
            log.warn("bad request from {}: {}", connection.peer(), e.getMessage());
            return uncaught(e.getMessage(), Pickle.exception("builtins", "TypeError", e.getMessage()), null);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            log.error("op {} from {} failed", request.op(), connection.peer(), e);
            return uncaught(e.toString(), Pickle.exception("builtins", "RuntimeError", e.toString()), null);
        }
    }

    private static Map<String, @Nullable Object> uncaught(
            @Nullable String text, @Nullable Object exception, @Nullable Object traceback) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("status", "uncaught-error");
        map.put("exception", exception);
        map.put("traceback", traceback);
        map.put("exception_text", text == null ? "" : text);
        map.put("traceback_text", "");
        return map;
    }

    /// Refuses whoever connects from now on; who is connected stays. A socket that a virtual thread waits on listens
    /// until that thread has let go of it, so this waits for the thread.
    public void stopListening() throws InterruptedException {
        closeListener();
        accepting.join(LETTING_GO);
    }

    private void closeListener() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            log.debug("closing: {}", e.getMessage());
        }
    }

    /// Stops listening and closes every accepted connection. Waits for nothing.
    @Override
    public void close() {
        closeListener();
        open.forEach(RpcServer::close);
    }
}
