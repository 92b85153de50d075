package io.github.daskjvm.client;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings results from the workers that hold them. Callers put keys into one queue; a thread that exists while the
/// queue isn't empty takes all there are, asks the scheduler once where they are, and then each worker at once for
/// what it holds. So many callers that want one key each cost about what one caller that wants them all does. Any
/// thread may call.
///
/// The exchange with a worker has three steps: request, reply, and `"OK"` from us, which frees its slot (Dask's
/// `get_data_from_worker`).
final class Fetcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Fetcher.class);
    private static final int KEYS_AT_ONCE_MAX = 1024;
    private static final int KEYS_OF_WORKER_AT_ONCE_MAX = 128;
    private static final int EXCHANGES_MAX = 16;
    private static final int BUSY_TRIES_MAX = 40;
    private static final Duration BUSY_PAUSE = Duration.ofMillis(150);
    private static final Duration REPLY_MAX = Duration.ofMinutes(10);

    /// The scheduler does not know of a worker that has it.
    static final class LostException extends IOException {
        LostException(String key) {
            super("no worker has the result of " + key);
        }
    }

    private record Wanted(String key, CompletableFuture<Payload> result) {}

    private final String client;
    private final String scheduler;
    private final RpcPool pool;
    private final boolean direct;
    private final Semaphore exchanges = new Semaphore(EXCHANGES_MAX);
    private final Set<String> unreachable = ConcurrentHashMap.newKeySet();
    private final Set<Connection> active = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Wanted> queue = new ArrayDeque<>();
    private boolean running;
    private volatile boolean closed;

    Fetcher(String client, String scheduler, RpcPool pool, boolean direct) {
        this.client = client;
        this.scheduler = scheduler;
        this.pool = pool;
        this.direct = direct;
    }

    /// Fails with [LostException] if nobody has it, otherwise with an `IOException`.
    CompletableFuture<Payload> fetch(String key) {
        return fetch(List.of(key)).getFirst();
    }

    /// In the order of the keys.
    List<CompletableFuture<Payload>> fetch(Collection<String> keys) {
        var results = new ArrayList<CompletableFuture<Payload>>(keys.size());
        lock.lock();
        try {
            for (String key : keys) {
                var wanted = new Wanted(key, new CompletableFuture<>());
                results.add(wanted.result);
                queue.add(wanted);
            }
            if (!running && !queue.isEmpty()) {
                running = true;
                Thread.ofVirtual().name("fetch").start(this::run);
            }
        } finally {
            lock.unlock();
        }
        return results;
    }

    private void run() {
        for (Map<String, List<Wanted>> batch = next(); !batch.isEmpty(); batch = next()) {
            try {
                start(batch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail(batch, new IOException("interrupted"));
            } catch (IOException | RpcFailure | RuntimeException e) {
                fail(batch, new IOException("could not ask " + scheduler + " for results: " + e.getMessage(), e));
            }
        }
    }

    private Map<String, List<Wanted>> next() {
        Map<String, List<Wanted>> batch = new LinkedHashMap<>();
        lock.lock();
        try {
            while (!queue.isEmpty() && batch.size() < KEYS_AT_ONCE_MAX) {
                Wanted wanted = queue.remove();
                batch.computeIfAbsent(wanted.key, key -> new ArrayList<>(1)).add(wanted);
            }
            running = !batch.isEmpty();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /// Hands each worker's part to a thread of its own; waits only while too many are at it.
    private void start(Map<String, List<Wanted>> batch) throws IOException, RpcFailure, InterruptedException {
        Map<String, Map<String, List<Wanted>>> parts = direct ? byWorker(batch) : Map.of("", batch);
        for (var part : parts.entrySet()) {
            var left = new ArrayDeque<>(part.getValue().entrySet());
            while (!left.isEmpty()) {
                Map<String, List<Wanted>> chunk = new LinkedHashMap<>();
                while (!left.isEmpty() && chunk.size() < KEYS_OF_WORKER_AT_ONCE_MAX) {
                    var entry = left.remove();
                    chunk.put(entry.getKey(), entry.getValue());
                }
                exchanges.acquire();
                Thread.ofVirtual().name("fetch-" + part.getKey()).start(() -> {
                    try {
                        exchange(part.getKey(), chunk);
                    } finally {
                        exchanges.release();
                    }
                });
            }
        }
    }

    /// Where each key is to be had; the empty address stands for the scheduler. A worker that has been chosen is
    /// chosen again, as long as that leaves no other with much less to do.
    private Map<String, Map<String, List<Wanted>>> byWorker(Map<String, List<Wanted>> batch)
            throws IOException, RpcFailure {
        Object reply = pool.call(scheduler, Map.of("op", "who_has", "keys", List.copyOf(batch.keySet())), REPLY_MAX);
        Map<?, ?> whoHas = reply instanceof Map<?, ?> map ? map : Map.of();
        Map<String, Map<String, List<Wanted>>> parts = new LinkedHashMap<>();
        batch.forEach((key, wanted) -> {
            String chosen = "";
            int least = Integer.MAX_VALUE;
            for (Object holder : whoHas.get(key) instanceof Collection<?> holders ? holders : List.of()) {
                if (holder instanceof String worker && !unreachable.contains(worker)) {
                    int load = parts.getOrDefault(worker, Map.of()).size();
                    if (load < least) {
                        least = load;
                        chosen = worker;
                    }
                }
            }
            parts.computeIfAbsent(chosen, worker -> new LinkedHashMap<>()).put(key, wanted);
        });
        return parts;
    }

    private void exchange(String worker, Map<String, List<Wanted>> chunk) {
        Map<String, List<Wanted>> left = new LinkedHashMap<>(chunk);
        try {
            if (!worker.isEmpty()) {
                complete(left, fromWorker(worker, left.keySet()));
            }
            if (!left.isEmpty()) {
                complete(left, throughScheduler(left.keySet()));
            }
            left.forEach((key, wanted) -> wanted.forEach(w -> w.result.completeExceptionally(new LostException(key))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(left, new IOException("interrupted"));
        } catch (IOException | RpcFailure | RuntimeException e) {
            fail(left, new IOException("could not fetch results through " + scheduler + ": " + e.getMessage(), e));
        }
    }

    private static void complete(Map<String, List<Wanted>> left, Map<?, ?> data) {
        data.forEach((key, value) -> {
            List<Wanted> wanted = left.get(key);
            if (wanted != null && value instanceof Payload payload) {
                // An array may be a frame as it is: each caller gets one of his own.
                for (Wanted another : wanted.subList(1, wanted.size())) {
                    another.result.complete(copy(payload));
                }
                wanted.getFirst().result.complete(payload);
                left.remove(key);
            }
        });
    }

    private static Payload copy(Payload payload) {
        var frames = new ArrayList<byte[]>(payload.frames().size());
        payload.frames().forEach(frame -> frames.add(frame.clone()));
        return new Payload(payload.kind(), payload.header(), frames);
    }

    private static void fail(Map<String, List<Wanted>> batch, IOException failure) {
        batch.values().forEach(wanted -> wanted.forEach(w -> w.result.completeExceptionally(failure)));
    }

    /// What the worker has of these; nothing if it can't be asked.
    private Map<?, ?> fromWorker(String worker, Collection<String> keys) throws InterruptedException {
        for (int attempt = 0; attempt < BUSY_TRIES_MAX; attempt++) {
            Connection connection;
            try {
                connection = pool.borrow(worker);
            } catch (IOException e) {
                log.info("results of {} come through the scheduler: {}", worker, e.getMessage());
                unreachable.add(worker);
                return Map.of();
            }
            try {
                Object reply = ask(connection, keys);
                pool.giveBack(worker, connection);
                if (reply instanceof Map<?, ?> map && "OK".equals(map.get("status"))) {
                    return map.get("data") instanceof Map<?, ?> data ? data : Map.of();
                }
                if (!(reply instanceof Map<?, ?> map) || !"busy".equals(map.get("status"))) {
                    log.warn("{} answers get_data with {}", worker, reply);
                    return Map.of();
                }
            } catch (IOException e) {
                connection.close();
                pool.forget(worker);
                log.debug("{} went away while asked for results: {}", worker, e.getMessage());
                return Map.of();
            }
            Thread.sleep(BUSY_PAUSE);
        }
        return Map.of();
    }

    private Object ask(Connection connection, Collection<String> keys) throws IOException {
        active.add(connection);
        try {
            if (closed) {
                throw new IOException("the client is closed");
            }
            connection.readTimeout(REPLY_MAX);
            connection.write(Map.of(
                    "op",
                    "get_data",
                    "keys",
                    List.copyOf(keys),
                    "who",
                    client,
                    "serializers",
                    JavaCodec.SERIALIZERS_READ));
            Object reply = connection.read();
            if (reply instanceof Map<?, ?> map && "OK".equals(map.get("status"))) {
                connection.write("OK");
            }
            return reply == null ? Map.of() : reply;
        } finally {
            active.remove(connection);
        }
    }

    /// Without those that nobody has, which the scheduler names instead of answering.
    private Map<?, ?> throughScheduler(Collection<String> keys) throws IOException, RpcFailure {
        var left = new LinkedHashSet<>(keys);
        while (!left.isEmpty()) {
            Object reply = pool.call(
                    scheduler,
                    Map.of("op", "gather", "keys", List.copyOf(left), "serializers", JavaCodec.SERIALIZERS_READ),
                    REPLY_MAX);
            if (!(reply instanceof Map<?, ?> map)) {
                break;
            }
            if (map.get("data") instanceof Map<?, ?> data) {
                return data;
            }
            if (!(map.get("keys") instanceof Collection<?> nowhere) || !left.removeAll(Set.copyOf(nowhere))) {
                break;
            }
        }
        return Map.of();
    }

    @Override
    public void close() {
        closed = true;
        active.forEach(Connection::close);
    }
}
