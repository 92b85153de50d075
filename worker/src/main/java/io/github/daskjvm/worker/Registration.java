package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.protocol.BadMessageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The way of workers and nannies into the cluster.
public final class Registration {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 5000;

    private Registration() {}

    /// Tries until the scheduler is there, or the death timeout has passed.
    ///
    /// @param deathTimeout zero for ever
    /// @throws IOException if it has passed
    public static Connection connect(String address, @Nullable Tls tls, Duration deathTimeout, WorkerLog log)
            throws IOException {
        Address scheduler = Address.parse(address);
        long startNanos = System.nanoTime();
        long pauseMillis = RETRY_MIN_MILLIS;
        boolean told = false;
        while (true) {
            Duration left = left(deathTimeout, startNanos);
            try {
                return Connection.open(scheduler, tls, left);
            } catch (IOException e) {
                left = left(deathTimeout, startNanos);
                if (left.toMillis() <= pauseMillis) {
                    throw new IOException(
                            "no scheduler after " + deathTimeout.toSeconds() + " s: " + e.getMessage(), e);
                }
                if (!told) {
                    log.info("waiting for the scheduler: " + e.getMessage());
                    told = true;
                }
            }
            pause(pauseMillis);
            pauseMillis = Math.min(RETRY_MAX_MILLIS, 2 * pauseMillis);
        }
    }

    private static Duration left(Duration deathTimeout, long startNanos) {
        if (deathTimeout.isZero()) {
            return CONNECT_TIMEOUT;
        }
        Duration left = deathTimeout.minusNanos(System.nanoTime() - startNanos);
        return left.compareTo(CONNECT_TIMEOUT) < 0 ? left : CONNECT_TIMEOUT;
    }

    private static void pause(long millis) throws InterruptedIOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the scheduler");
        }
    }

    /// Sends `register-worker` and reads the reply, after which the connection is a stream.
    ///
    /// @return the reply
    /// @throws IOException with the scheduler's reason if it refuses
    static Map<?, ?> register(Connection connection, Map<String, ? extends @Nullable Object> message)
            throws IOException {
        connection.readTimeout(CONNECT_TIMEOUT);
        connection.write(message);
        Object reply = connection.read();
        connection.readTimeout(Duration.ZERO);
        if (!(reply instanceof Map<?, ?> map)) {
            throw new BadMessageException("the scheduler answered a registration with " + reply);
        }
        if (!"OK".equals(map.get("status"))) {
            Object why = map.get("message") != null ? map.get("message") : map.get("exception_text");
            throw new IOException("the scheduler refused this worker: " + why);
        }
        return map;
    }

    /// The message, but for the metrics.
    static Map<String, @Nullable Object> message(
            WorkerOptions options,
            String localDirectory,
            String address,
            String name,
            String serverId,
            Map<String, Object> metrics) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("op", "register-worker");
        message.put("reply", false);
        message.put("address", address);
        message.put("status", "init");
        message.put("nthreads", options.nthreads());
        message.put("name", name);
        message.put("now", System.currentTimeMillis() / 1000.0);
        message.put("resources", options.resources());
        message.put("memory_limit", options.memoryLimitBytes() == 0 ? null : options.memoryLimitBytes());
        message.put("local_directory", localDirectory);
        message.put("services", options.services());
        message.put("nanny", options.nanny());
        message.put("pid", ProcessHandle.current().pid());
        message.put("versions", HostVersions.map());
        message.put("metrics", metrics);
        message.put("extra", Map.of("runtime", "jvm"));
        message.put("stimulus_id", "worker-connect-" + serverId);
        message.put("server_id", serverId);
        return message;
    }
}
