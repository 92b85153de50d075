package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.TruncatedMessageException;
import io.github.daskjvm.scheduler.graph.GraphsUnderway;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.Outbox;
import io.github.daskjvm.scheduler.loop.PeerStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Registration of clients; each is served by its connection's virtual thread until its stream ends.
public final class ClientConnections {
    /// A client is told of many tasks; a few milliseconds gather what would be a write each. The first after a pause
    /// leaves at once. Dask waits 2 ms, and the client itself 10 ms.
    private static final Duration FLUSH_INTERVAL = Duration.ofMillis(8);

    private static final Logger log = LoggerFactory.getLogger(ClientConnections.class);
    private static final Duration TAKEOVER_TIMEOUT = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final Outbox outbox;
    private final Workers workers;
    private final MaterializerPool graphs;
    private final GraphsUnderway underway = new GraphsUnderway();
    private final EventLog events;
    private final JvmPeers jvm;
    private final boolean traced;
    private final Snippets snippets = new Snippets();
    private final Map<String, ClientSession.Extension> extensions = new HashMap<>();
    private final List<Consumer<String>> leaveListeners = new CopyOnWriteArrayList<>();
    private final Map<String, ClientSession> sessions = new ConcurrentHashMap<>();

    /// @param traced whether somebody wants to know when graphs arrived
    public ClientConnections(
            EventLoop loop,
            Outbox outbox,
            Workers workers,
            MaterializerPool graphs,
            EventLog events,
            JvmPeers jvm,
            boolean traced) {
        this.loop = loop;
        this.outbox = outbox;
        this.workers = workers;
        this.graphs = graphs;
        this.events = events;
        this.jvm = jvm;
        this.traced = traced;
    }

    /// A stream operation of an extension, from the client or worker of the given name.
    @FunctionalInterface
    public interface StreamHandler {
        void handle(String peer, Fields message) throws BadMessageException;
    }

    /// Before the first client connects.
    public void extend(String op, StreamHandler handler) {
        extensions.put(op, handler::handle);
    }

    /// Has somebody told of clients that have gone, by their connections' threads.
    public void onLeave(Consumer<String> listener) {
        leaveListeners.add(listener);
    }

    /// `register-client`: answers, then reads the stream to its end.
    public Object register(Fields request, Connection connection) throws IOException {
        String client = request.string("client");
        takeOver(client);
        log.info("Receive client connection: {}", client);
        Map<String, String> start = new HashMap<>(jvm.welcome(request));
        start.put("op", "stream-start");
        if (start.containsKey("error")) {
            connection.write(List.of(start));
            log.warn("refusing client {}: {}", client, start.get("error"));
            return RpcHandler.TAKEN;
        }
        // Before the answer: who has it may ask for its own events at once.
        events.came(client);
        events.log(List.of("all", client), Map.of("action", "add-client", "client", client));
        boolean jvmClient = Runtime.JVM.wireName().equals(request.get("runtime"));
        PeerStream stream;
        try {
            connection.write(List.of(start));
            stream = PeerStream.open(connection, loop.streams(), jvmClient ? Duration.ZERO : FLUSH_INTERVAL);
        } catch (IOException | RuntimeException e) {
            tellThatItLeft(client);
            throw e;
        }
        if (jvmClient) {
            stream.withResults();
        }
        stream.endPauses();
        var session = new ClientSession(
                client,
                connection,
                stream,
                loop,
                workers,
                graphs,
                underway,
                events,
                snippets,
                extensions,
                new GraphArrivals(traced));
        sessions.put(client, session);
        outbox.addClient(client, stream);
        loop.post(new Event.ClientConnected(client));
        try {
            session.run();
        } catch (TruncatedMessageException e) {
            log.warn("the stream of client {} at {} broke off: {}", client, connection.peer(), e.getMessage());
        } catch (EOFException | SocketException e) {
            log.debug("client {}: {}", client, e.getMessage());
        } catch (IOException | RuntimeException e) {
            log.warn("closing the stream of client {} at {}: {}", client, connection.peer(), e.toString());
        } finally {
            leave(client, session);
        }
        return RpcHandler.TAKEN;
    }

    private void leave(String client, ClientSession session) {
        try {
            loop.post(new Event.ClientDisconnected(client));
            loop.await();
        } catch (IllegalStateException e) {
            log.debug("client {} leaves a scheduler that has closed", client);
        }
        tellThatItLeft(client);
        events.unsubscribeAll(client);
        outbox.removeClient(client, session.stream());
        session.stream().stream().send(Map.of("op", "stream-closed"));
        session.stream().stream().close();
        leaveListeners.forEach(listener -> listener.accept(client));
        sessions.remove(client, session);
        log.info("Remove client {}", client);
    }

    private void tellThatItLeft(String client) {
        events.log(List.of("all", client), Map.of("action", "remove-client", "client", client));
        events.left(client);
    }

    /// A client that lost its connection registers again under its id, perhaps before we have seen it go.
    private void takeOver(String client) throws BadMessageException {
        long deadline = System.nanoTime() + TAKEOVER_TIMEOUT.toNanos();
        for (ClientSession old = sessions.get(client); old != null; old = sessions.get(client)) {
            old.cutOff();
            if (System.nanoTime() - deadline > 0) {
                throw new BadMessageException("the client " + client + " is connected already");
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BadMessageException("interrupted", e);
            }
        }
    }

    /// What came with their graphs.
    public Snippets snippets() {
        return snippets;
    }

    public List<String> ids() {
        return List.copyOf(sessions.keySet());
    }

    /// Sends one message to a client, if it is there.
    public void send(String client, Map<String, ?> message) {
        PeerStream stream = outbox.client(client);
        if (stream != null) {
            stream.stream().send(message);
        }
    }

    /// Sends one message to every connected client.
    public void broadcast(Map<String, ?> message) {
        for (ClientSession session : sessions.values()) {
            session.stream().stream().send(message);
        }
    }

    public void closeAll() {
        sessions.values().forEach(session -> session.stream().stream().close());
    }
}
