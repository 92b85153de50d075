package io.github.daskjvm.client;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.worker.task.ProgramVersion;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stream between a client and its scheduler, from registration to the end. One thread reads it by [#read];
/// any thread may send by [#stream].
final class SchedulerLink {
    private static final Logger log = LoggerFactory.getLogger(SchedulerLink.class);
    private static final Duration RETRY_MAX = Duration.ofSeconds(1);

    private final Connection connection;
    private final BatchedStream stream;

    private SchedulerLink(Connection connection) {
        this.connection = connection;
        this.stream = BatchedStream.startForOne(connection);
    }

    /// Connects and registers. A scheduler that doesn't listen yet is tried again until the time is over.
    ///
    /// @param again a scheduler was there before: whatever is wrong may be because it is just ending, or starting
    /// @throws IOException naming the address and what is wrong
    static SchedulerLink open(Address address, ClientOptions options, String client, boolean again)
            throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(options.timeout());
        for (long pauseMillis = 10; ; pauseMillis = Math.min(2 * pauseMillis, RETRY_MAX.toMillis())) {
            try {
                Duration left = Duration.ofNanos(Math.max(1_000_000, deadline.leftNanos()));
                return register(Connection.open(address, options.tls(), left), left, client);
            } catch (IOException e) {
                boolean hopeless = !again && !(e.getCause() instanceof SocketException);
                if (hopeless
                        || deadline.leftNanos() < Duration.ofMillis(pauseMillis).toNanos()) {
                    throw e;
                }
                log.debug("{}; trying again", e.getMessage());
                Thread.sleep(pauseMillis);
            }
        }
    }

    private static SchedulerLink register(Connection connection, Duration timeout, String client) throws IOException {
        boolean good = false;
        try {
            connection.readTimeout(timeout);
            connection.write(Map.of(
                    "op",
                    "register-client",
                    "client",
                    client,
                    "reply",
                    false,
                    "runtime",
                    "jvm",
                    "versions",
                    versions()));
            Object answer = connection.read();
            if (!(answer instanceof List<?> batch)
                    || batch.isEmpty()
                    || !(batch.getFirst() instanceof Map<?, ?> start)
                    || !"stream-start".equals(start.get("op"))) {
                throw new BadMessageException(
                        connection.peer() + " does not answer as a scheduler does to a client that registers");
            }
            if (start.get("error") instanceof String error) {
                throw new IOException(connection.peer() + " refuses this client: " + error);
            }
            if (start.get("warning") instanceof String warning) {
                log.warn("{} says: {}", connection.peer(), warning);
            }
            connection.readTimeout(Duration.ZERO);
            good = true;
            return new SchedulerLink(connection);
        } finally {
            if (!good) {
                connection.close();
            }
        }
    }

    private static Map<String, ?> versions() {
        return Map.of(
                "host",
                Map.of(
                        "java", Runtime.version().toString(),
                        "OS", System.getProperty("os.name", ""),
                        "OS-release", System.getProperty("os.version", ""),
                        "machine", System.getProperty("os.arch", "")),
                "packages",
                Map.of(),
                "jvm",
                ProgramVersion.own());
    }

    BatchedStream stream() {
        return stream;
    }

    /// Brings each message of the scheduler's until the stream ends.
    ///
    /// @return whether the scheduler ended it in good order
    /// @throws IOException if the connection broke
    boolean read(Consumer<Map<?, ?>> receiver) throws IOException {
        for (; ; ) {
            Object body = connection.read();
            for (Object message :
                    body instanceof List<?> batch ? batch : List.of(Objects.requireNonNullElse(body, ""))) {
                if (!(message instanceof Map<?, ?> map)) {
                    continue;
                }
                if ("stream-closed".equals(map.get("op")) || "close".equals(map.get("op"))) {
                    return true;
                }
                receiver.accept(map);
            }
        }
    }

    /// Closes at once, whatever is under way.
    void abort() {
        connection.close();
        stream.close();
    }
}
