package io.github.daskjvm.client;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's presence at its scheduler, across connections: a thread that reads what the scheduler tells, and
/// looks for it again when the connection breaks; and one that sends heartbeats and tells which keys are let go
/// of. Both end at [#close]. The first is a platform thread: to wake a virtual one takes two others on the way.
final class Session implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Session.class);
    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(5);
    private static final Duration GOODBYE_MAX = Duration.ofSeconds(2);

    private final Address address;
    private final ClientOptions options;
    private final ClassLoader loader;
    private final String id = "Client-" + UUID.randomUUID();
    private final KeyTable keys = new KeyTable(id);
    private final Runnable onLoss;
    private final Runnable onReturn;
    private final Thread reader;
    private final Thread teller;
    private volatile SchedulerLink link;
    private volatile boolean closed;
    /// Whether the reader looks for the scheduler: nobody is there to say goodbye to.
    private volatile boolean seeking;

    private Session(Address address, ClientOptions options, Runnable onLoss, Runnable onReturn)
            throws IOException, InterruptedException {
        this.onLoss = onLoss;
        this.onReturn = onReturn;
        this.address = address;
        this.options = options;
        this.loader = options.loader();
        this.link = SchedulerLink.open(address, options, id, false);
        keys.connected(link.stream());
        this.reader = Thread.ofPlatform().daemon().name(id + "-reader").unstarted(this::read);
        this.teller = Thread.ofVirtual().name(id + "-teller").unstarted(this::tell);
    }

    /// @param onLoss run each time that the connection has ended, before it is sought again
    /// @param onReturn run each time that it was found, before it is given anything that has waited for it
    static Session open(Address address, ClientOptions options, Runnable onLoss, Runnable onReturn)
            throws IOException, InterruptedException {
        var session = new Session(address, options, onLoss, onReturn);
        session.reader.start();
        session.teller.start();
        return session;
    }

    String id() {
        return id;
    }

    KeyTable keys() {
        return keys;
    }

    private void read() {
        try {
            // At least once, though it be closed already: until then nobody lets the goodbye go out.
            do {
                String reason = readUntilBroken();
                onLoss.run();
                keys.disconnected(reason, !closed);
                if (!closed) {
                    log.warn("{}; looking for it again for {}", reason, options.timeout());
                    reconnect();
                }
            } while (!closed);
        } catch (IOException e) {
            if (!closed) {
                log.error("gave up on the scheduler: {}", e.getMessage());
                keys.disconnected("the scheduler is gone: " + e.getMessage(), false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // One that was made just as the client was closed has not been read from.
            link.abort();
        }
    }

    private String readUntilBroken() {
        SchedulerLink current = link;
        try {
            boolean inOrder = current.read(this::receive);
            return inOrder && closed
                    ? "the client is closed"
                    : "the scheduler at " + address + " closed the connection";
        } catch (IOException e) {
            return closed
                    ? "the client is closed"
                    : "lost the connection to the scheduler at " + address + ": " + e.getMessage();
        } finally {
            current.abort();
        }
    }

    private void reconnect() throws IOException, InterruptedException {
        seeking = true;
        try {
            if (closed) {
                return;
            }
            link = SchedulerLink.open(address, options, id, true);
            if (closed) {
                link.abort();
            } else {
                onReturn.run();
                keys.connected(link.stream());
                log.info("connected to {} again", address);
            }
        } finally {
            seeking = false;
        }
    }

    private void receive(Map<?, ?> message) {
        switch (String.valueOf(message.get("op"))) {
            case "key-in-memory" -> inMemory(message);
            case "lost-data" -> with(message, state -> state.again(FutureStatus.LOST));
            case "task-retried" -> with(message, state -> state.again(FutureStatus.PENDING));
            case "task-erred" ->
                with(
                        message,
                        state -> state.failed(
                                failure(message),
                                TaskFailure.worker(message.get("exception")),
                                TaskFailure.task(message.get("exception"))));
            case "cancelled-keys" -> {
                if (message.get("keys") instanceof Collection<?> all) {
                    for (Object key : all) {
                        cancelled(key);
                    }
                }
            }
            case "restart" -> keys.cancelAll("the cluster was restarted");
            case "error" -> log.warn("{} says: {}", address, message.get("exception"));
            default -> log.debug("ignored from {}: {}", address, message.get("op"));
        }
    }

    private void inMemory(Map<?, ?> message) {
        KeyState state = message.get("key") instanceof String key ? keys.get(key) : null;
        if (state == null) {
            return;
        }
        if (message.get("result") instanceof byte[] form) {
            state.finished(form);
        } else {
            state.finished();
        }
    }

    private void with(Map<?, ?> message, java.util.function.Consumer<KeyState> action) {
        if (message.get("key") instanceof String key) {
            KeyState state = keys.get(key);
            if (state != null) {
                action.accept(state);
            }
        }
    }

    private void cancelled(@Nullable Object key) {
        KeyState state = key instanceof String name ? keys.get(name) : null;
        if (state != null) {
            state.cancelled("the scheduler has cancelled " + key);
        }
    }

    private Throwable failure(Map<?, ?> message) {
        return TaskFailure.restore(
                message.get("exception"),
                text(message.get("exception_text")),
                text(message.get("traceback_text")),
                loader);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    private void tell() {
        try {
            long beatAt = System.nanoTime() + HEARTBEAT_EVERY.toNanos();
            while (!closed) {
                keys.sendReleasesWithin(Math.max(1, beatAt - System.nanoTime()));
                if (System.nanoTime() - beatAt >= 0) {
                    keys.tell(Map.of("op", "heartbeat-client"));
                    beatAt = System.nanoTime() + HEARTBEAT_EVERY.toNanos();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /// Says goodbye, and waits a moment for the scheduler to close the connection, as Dask's clients do; not where
    /// there is no scheduler.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        keys.tell(Map.of("op", "close-client"));
        closed = true;
        keys.tell(Map.of("op", "close-stream"));
        teller.interrupt();
        if (seeking) {
            reader.interrupt();
        }
        try {
            if (!reader.join(GOODBYE_MAX)) {
                link.abort();
                reader.interrupt();
                reader.join(GOODBYE_MAX);
            }
        } catch (InterruptedException e) {
            link.abort();
            Thread.currentThread().interrupt();
        }
        keys.disconnected("the client is closed", false);
    }
}
