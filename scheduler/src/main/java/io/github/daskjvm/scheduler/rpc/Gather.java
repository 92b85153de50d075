package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Markers;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.StreamedMessage;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches results from the workers that hold them, passing the payloads on unopened. A worker that cannot be
/// reached is not asked again; one that is busy is asked again after a moment; one that turns out not to have a
/// key is not asked for it again. Used once, by one thread.
///
/// Small answers are taken in, so that a worker that dies meanwhile makes no difference where others have its results.
/// Large ones are left at their workers until all answers have begun, then pass through one buffer after the other,
/// as fast as the client reads: what is held here does not grow with them.
final class Gather implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gather.class);
    private static final long BUSY_PAUSE_MILLIS = 150;
    private static final long SMALL_BYTES = 1 << 20;
    /// So long a client may read nothing while workers keep values for it, and a place among those they serve.
    private static final Duration STALLED = Duration.ofMinutes(10);
    private static final long SMALL_TOGETHER_BYTES = 8 << 20;

    private final Cluster cluster;
    private final Map<Object, @Nullable Object> data = new LinkedHashMap<>();
    private final List<HeldReply> held = new ArrayList<>();
    private final AtomicLong takenIn = new AtomicLong();
    private final Set<String> unreachable = new HashSet<>();
    private final Map<TaskKey, Set<String>> withoutIt = new HashMap<>();
    private int turn;

    Gather(Cluster cluster) {
        this.cluster = cluster;
    }

    /// @param serializers the families the caller reads, as it gave them
    /// @return the keys that nobody has; if there are none the values can be [#write]n
    List<TaskKey> gather(Collection<TaskKey> keys, @Nullable Object serializers) throws BadMessageException {
        var missing = new ArrayList<TaskKey>();
        Collection<TaskKey> wanted = keys;
        while (!wanted.isEmpty()) {
            Map<TaskKey, List<String>> whoHas = DataOps.whoHas(cluster.loop(), wanted);
            Map<String, List<TaskKey>> byWorker = new LinkedHashMap<>();
            for (var entry : whoHas.entrySet()) {
                String worker = choose(entry.getKey(), entry.getValue());
                if (worker == null) {
                    missing.add(entry.getKey());
                } else {
                    byWorker.computeIfAbsent(worker, w -> new ArrayList<>()).add(entry.getKey());
                }
            }
            wanted = fetch(byWorker, serializers);
        }
        return missing;
    }

    /// Answers with the values. If a worker that has not sent all yet dies now, the connection ends inside the message.
    void write(Connection connection) throws IOException {
        var message = new StreamedMessage();
        MsgpackWriter body = message.body();
        body.mapHeader(2);
        body.string("status");
        body.string("OK");
        body.string("data");
        int count = data.size();
        for (HeldReply reply : held) {
            count += reply.fields().mappingOrEmpty("data").size();
        }
        body.mapHeader(count);
        for (var entry : data.entrySet()) {
            body.value(entry.getKey());
            message.value(entry.getValue());
        }
        for (HeldReply reply : held) {
            long before = message.frames(reply);
            for (Map.Entry<?, ?> item : reply.fields().mappingOrEmpty("data").entrySet()) {
                body.value(item.getKey());
                body.value(Markers.moved(item.getValue(), before));
            }
        }
        if (held.isEmpty()) {
            connection.write(message);
            return;
        }
        Runnable cutOff = () -> {
            log.warn("cutting off {}, which has read nothing of its values for {}", connection.peer(), STALLED);
            connection.close();
        };
        try (var stall = new Stall(STALLED, this::left, cutOff)) {
            connection.write(message);
        }
    }

    /// Bytes that are still at their workers.
    private long left() {
        long left = 0;
        for (HeldReply reply : held) {
            left += reply.left();
        }
        return left;
    }

    private @Nullable String choose(TaskKey key, List<String> holders) {
        Set<String> without = withoutIt.getOrDefault(key, Set.of());
        for (int i = 0; i < holders.size(); i++) {
            String worker = holders.get((turn + i) % holders.size());
            if (!unreachable.contains(worker) && !without.contains(worker)) {
                turn++;
                return worker;
            }
        }
        return null;
    }

    /// @return the keys that are still to be had
    private List<TaskKey> fetch(Map<String, List<TaskKey>> byWorker, @Nullable Object serializers)
            throws BadMessageException {
        Map<String, Callable<@Nullable Object>> calls = new LinkedHashMap<>();
        byWorker.forEach((worker, keys) -> calls.put(worker, () -> getData(worker, keys, serializers)));
        var left = new ArrayList<TaskKey>();
        String busy = null;
        Map<String, WorkerCalls.Outcome> outcomes = WorkerCalls.concurrently(calls);
        for (WorkerCalls.Outcome outcome : outcomes.values()) {
            if (outcome.reply() instanceof HeldReply reply) {
                held.add(reply);
            }
        }
        for (var entry : outcomes.entrySet()) {
            String worker = entry.getKey();
            List<TaskKey> keys = byWorker.getOrDefault(worker, List.of());
            Object answer = entry.getValue().reply();
            if (answer instanceof HeldReply reply) {
                take(worker, keys, reply.fields(), left);
            } else if (!(answer instanceof Map<?, ?> reply)) {
                log.warn(
                        "worker {} did not give data: {}",
                        worker,
                        String.valueOf(entry.getValue().failure()));
                unreachable.add(worker);
                left.addAll(keys);
            } else if ("busy".equals(reply.get("status"))) {
                busy = busy == null || worker.compareTo(busy) < 0 ? worker : busy;
                left.addAll(keys);
            } else {
                Fields fields = Fields.of("get_data", reply);
                data.putAll(values(fields));
                take(worker, keys, fields, left);
            }
        }
        if (busy != null) {
            letGoFrom(busy, left);
            pause();
        }
        return left;
    }

    private static Map<Object, @Nullable Object> values(Fields reply) throws BadMessageException {
        Map<Object, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> item : reply.mappingOrEmpty("data").entrySet()) {
            values.put(Wire.key(item.getKey(), reply, "data").value(), item.getValue());
        }
        return values;
    }

    private void take(String worker, List<TaskKey> keys, Fields reply, List<TaskKey> left) throws BadMessageException {
        Set<TaskKey> got = new HashSet<>(keys(reply));
        for (TaskKey key : keys) {
            if (!got.contains(key)) {
                withoutIt.computeIfAbsent(key, k -> new HashSet<>()).add(worker);
                left.add(key);
            }
        }
    }

    private static List<TaskKey> keys(Fields reply) throws BadMessageException {
        var keys = new ArrayList<TaskKey>();
        for (Object key : reply.mappingOrEmpty("data").keySet()) {
            keys.add(Wire.key(key, reply, "data"));
        }
        return keys;
    }

    /// A worker serves so many at a time, and those that are held here count. Two that gather, each holding what the
    /// other one waits for, would wait for ever: so while one is busy, nothing is held of it or of those
    /// after it by address.
    private void letGoFrom(String busy, List<TaskKey> left) throws BadMessageException {
        for (HeldReply reply : List.copyOf(held)) {
            if (reply.worker().compareTo(busy) >= 0) {
                left.addAll(keys(reply.fields()));
                held.remove(reply);
                reply.drop();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BUSY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The exchange has three steps: after a reply that is OK the worker waits to hear that we have it.
    ///
    /// @return the reply, or a [HeldReply]
    private Object getData(String worker, List<TaskKey> keys, @Nullable Object serializers) throws IOException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "get_data");
        request.put("keys", DataOps.values(keys));
        request.put("who", null);
        request.put("serializers", serializers);
        RpcPool.Held call = cluster.rpc().hold(worker);
        boolean over = false;
        try {
            Connection connection = call.connection();
            connection.write(request);
            Incoming large =
                    connection.begin(bytes -> bytes < SMALL_BYTES && takenIn.addAndGet(bytes) < SMALL_TOGETHER_BYTES);
            if (large != null && large.body() instanceof Map<?, ?> body && "OK".equals(body.get("status"))) {
                Markers.check(body, large.lengths().length);
                over = true;
                return new HeldReply(worker, call, large, body);
            }
            Object reply = large == null ? connection.read() : large.whole();
            if (!(reply instanceof Map<?, ?> map)) {
                throw new IOException("get_data was answered with " + reply);
            }
            if ("OK".equals(map.get("status"))) {
                connection.write("OK");
            } else if (!"busy".equals(map.get("status"))) {
                throw new IOException("get_data failed: " + map.get("exception_text"));
            }
            call.giveBack();
            over = true;
            return reply;
        } finally {
            if (!over) {
                call.close();
            }
        }
    }

    /// Closes the connections to workers whose values were not written.
    @Override
    public void close() {
        held.forEach(HeldReply::close);
    }
}
