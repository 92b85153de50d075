package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.protocol.Payload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A scheduler with a worker, and peers that call its services over sockets. The state is checked after every batch.
abstract class CoordinationBench {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<RawPeer> peers = new ArrayList<>();
    Scheduler scheduler;
    private FakeWorker worker;

    @BeforeEach
    void start() throws IOException {
        scheduler = Scheduler.start(SchedulerOptions.builder()
                .host("127.0.0.1")
                .port(0)
                .core(SchedulerConfig.DEFAULT.withValidate(true))
                .leaseValidationInterval(Duration.ofMillis(10))
                .onFailure(failure::set)
                .build());
        worker = FakeWorker.join(scheduler, "w", true);
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(failure.get()).isNull();
        for (RawPeer peer : peers) {
            peer.close();
        }
        worker.close();
        scheduler.close();
    }

    RawPeer peer() throws IOException {
        RawPeer peer = RawPeer.greeted(scheduler);
        peers.add(peer);
        return peer;
    }

    RawPeer client(String id) throws IOException {
        RawPeer peer = RawPeer.client(scheduler, id);
        peers.add(peer);
        return peer;
    }

    /// An operation with its arguments, name and value by turns; values may be null.
    static Map<String, Object> op(String op, Object... arguments) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("op", op);
        for (int i = 0; i < arguments.length; i += 2) {
            map.put((String) arguments[i], arguments[i + 1]);
        }
        return map;
    }

    /// The text of the exception that the call ends with.
    static String failure(Object reply) {
        assertThat(reply).isInstanceOf(Map.class);
        assertThat(((Map<?, ?>) reply).get("status")).isEqualTo("uncaught-error");
        return (String) ((Map<?, ?>) reply).get("exception_text");
    }

    /// The class in the pickled exception that the call ends with.
    static boolean failsWith(Object reply, String type) {
        failure(reply);
        byte[] pickle = (byte[]) ((Map<?, ?>) reply).get("exception");
        return new String(pickle, java.nio.charset.StandardCharsets.ISO_8859_1).contains(type);
    }

    /// The client has the task done.
    static void compute(RawPeer client, String key) throws IOException {
        Payload runSpec = Payload.serialized(Map.of("serializer", "java"), List.of(new byte[10]));
        Map<String, Object> task = Map.of("key", key, "run_spec", runSpec, "dependencies", List.of());
        client.write(List.of(op("update-graph", "tasks", List.of(task), "keys", Set.of(key), "runtime", "jvm")));
        assertThat(client.next("key-in-memory").get("key")).isEqualTo(key);
    }

    /// The task's state as `get_task_status` answers it, null if it is forgotten.
    Object status(String key) throws IOException {
        try (RawPeer peer = RawPeer.greeted(scheduler)) {
            return peer.callForMap(op("get_task_status", "keys", List.of(key))).get(key);
        }
    }

    /// Asks until the answer is this.
    static void until(Object expected, RawPeer peer, Map<String, ?> request) throws IOException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        Object answer = peer.call(request);
        while (!java.util.Objects.equals(answer, expected) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            answer = peer.call(request);
        }
        assertThat(answer).isEqualTo(expected);
    }

    void untilNoClient() {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!scheduler.clients().isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(scheduler.clients()).isEmpty();
    }

    void untilStatus(Object expected, String key) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key, expected);
        until(map, peer(), op("get_task_status", "keys", List.of(key)));
    }
}
