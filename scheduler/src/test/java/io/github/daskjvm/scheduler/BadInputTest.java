package io.github.daskjvm.scheduler;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What does not belong on the scheduler's port. After each test a client and a worker that were there before have a
/// task done, and the state was checked after every batch.
class BadInputTest {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final LogLines log = new LogLines(Level.WARN);
    private Scheduler scheduler;
    private FakeWorker worker;
    private RawPeer witness;

    @BeforeEach
    void start() throws IOException {
        scheduler = Scheduler.start(SchedulerOptions.builder()
                .host("127.0.0.1")
                .port(0)
                .core(SchedulerConfig.DEFAULT.withValidate(true))
                .limits(new FrameLimits(1 << 20, 1 << 22, 1000))
                .onFailure(failure::set)
                .build());
        worker = FakeWorker.join(scheduler, "w", true);
        witness = RawPeer.client(scheduler, "witness");
        compute("before");
    }

    @AfterEach
    void everyoneElseGoesOn() throws Exception {
        compute("after");
        try (var peer = RawPeer.greeted(scheduler)) {
            Map<?, ?> whoHas = peer.callForMap(Map.of("op", "who_has", "keys", List.of("before", "after")));
            assertThat((List<?>) whoHas.get("before")).hasSize(1);
            assertThat((List<?>) whoHas.get("after")).hasSize(1);
        }
        assertThat(failure.get()).isNull();
        witness.close();
        worker.close();
        scheduler.close();
        log.close();
    }

    private void compute(String key) throws IOException {
        witness.write(List.of(graph(Set.of(key), task(key))));
        assertThat(witness.next("key-in-memory").get("key")).isEqualTo(key);
    }

    private static Map<String, Object> graph(Set<String> wanted, Map<?, ?>... tasks) {
        return Map.of("op", "update-graph", "tasks", List.of(tasks), "keys", wanted, "runtime", "jvm");
    }

    private static Map<String, Object> task(String key, String... dependencies) {
        Payload runSpec = Payload.serialized(Map.of("serializer", "java"), List.of(new byte[10]));
        return Map.of("key", key, "run_spec", runSpec, "dependencies", List.of(dependencies));
    }

    private static byte[] words(long... values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            buffer.putLong(value);
        }
        return buffer.array();
    }

    // ---- bytes ----

    @Test
    void aFrameThatClaimsMoreThanTheLimitEndsItsConnection() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            peer.bytes(words(16 + (1L << 21), 1, 1L << 21));
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void aMessageThatClaimsMoreThanTheLimitEndsItsConnection() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            peer.bytes(words(1L << 61, 1L << 58));
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void aMessageOfTooManyFramesEndsItsConnection() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            peer.bytes(words(1L << 20, 1001));
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 8, 12, 16, 20, 24, 25})
    void aMessageThatBreaksOffEndsItsConnection(int length) throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            byte[] whole = ByteBuffer.allocate(40).put(words(32, 1, 16)).array();
            peer.bytes(java.util.Arrays.copyOf(whole, length));
            peer.socket.shutdownOutput();
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void randomBytesEndTheirConnection() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 30; i++) {
            byte[] bytes = new byte[16 + random.nextInt(2000)];
            random.nextBytes(bytes);
            boolean greet = random.nextBoolean();
            try (var peer = greet ? RawPeer.greeted(scheduler) : RawPeer.silent(scheduler)) {
                peer.bytes(bytes);
                peer.socket.shutdownOutput();
                assertThat(peer.ends()).as("seed " + seed + ", round " + i).isTrue();
                log.assertOneLineNaming(peer.name());
            }
        }
    }

    @Test
    void randomBytesWithinAFrameEndTheirConnectionOrAreAnswered() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + random.nextInt(40)];
            random.nextBytes(bytes);
            try (var peer = RawPeer.greeted(scheduler)) {
                peer.bytes(words(16 + bytes.length, 1, bytes.length));
                peer.bytes(bytes);
                peer.socket.shutdownOutput();
                assertThat(peer.ends()).as("seed " + seed + ", round " + i).isTrue();
            }
        }
    }

    @Test
    void anHttpRequestIsAnsweredWithWhereToGo() throws Exception {
        try (var peer = RawPeer.silent(scheduler)) {
            peer.bytes("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
            peer.socket.shutdownOutput();
            byte[] answer = peer.socket.getInputStream().readAllBytes();
            assertThat(new String(answer, US_ASCII)).startsWith("HTTP/1.1 400").contains("8787");
            log.assertOneLineNaming(peer.name());
        }
    }

    // ---- messages ----

    @Test
    void aMessageThatIsNoMapEndsItsConnection() throws Exception {
        for (Object message : new Object[] {17L, "text", List.of(1L), Map.of("no", "op")}) {
            try (var peer = RawPeer.greeted(scheduler)) {
                peer.write(message);
                assertThat(peer.ends()).isTrue();
                log.assertOneLineNaming(peer.name());
            }
        }
    }

    @Test
    void anUnknownOperationIsAnsweredWithNullAndTheConnectionGoesOn() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            assertThat(peer.call(Map.of("op", "no-such-operation"))).isNull();
            log.assertOneLineNaming(peer.name());
            assertThat(peer.call(Map.of("op", "echo", "data", 1L))).isEqualTo(1L);
        }
    }

    @Test
    void missingAndMistypedArgumentsAreTypeErrorsThatNameThem() throws Exception {
        var requests = Map.<Map<String, ?>, String>of(
                Map.of("op", "get_task_status"), "keys",
                Map.of("op", "gather", "keys", 17), "keys",
                Map.of("op", "retry", "keys", "one text"), "keys",
                Map.of("op", "scatter", "data", List.of()), "data",
                Map.of("op", "set_resources", "worker", 1), "worker",
                Map.of("op", "heartbeat_worker"), "address",
                Map.of("op", "broadcast", "msg", 3), "map",
                Map.of("op", "who_has", "keys", List.of(Map.of())), "keys",
                Map.of("op", "who_has", "surprise", 1), "surprise");
        for (var entry : requests.entrySet()) {
            try (var peer = RawPeer.greeted(scheduler)) {
                Map<?, ?> answer = peer.callForMap(entry.getKey());
                assertThat(answer.get("status")).isEqualTo("uncaught-error");
                assertThat((String) answer.get("exception_text")).contains(entry.getValue());
                assertThat(new String((byte[]) answer.get("exception"), US_ASCII))
                        .contains("TypeError");
                assertThat(peer.call(Map.of("op", "echo", "data", 1L))).isEqualTo(1L);
            }
        }
    }

    // ---- workers ----

    @Test
    void aWorkerThatIsThereAlreadyIsRefused() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            Map<?, ?> answer = peer.callForMap(FakeWorker.registration(worker.address, "other"));
            assertThat(answer.get("status")).isEqualTo("error");
            assertThat((String) answer.get("message"))
                    .contains("already exists")
                    .contains(worker.address);
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void aWorkerWhoseNameIsTakenIsRefused() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            Map<?, ?> answer = peer.callForMap(FakeWorker.registration("tcp://127.0.0.1:9", "w"));
            assertThat(answer.get("status")).isEqualTo("error");
            assertThat((String) answer.get("message")).contains("name taken, w");
            assertThat(peer.ends()).isTrue();
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void aRegistrationThatLacksSomethingIsRefused() throws Exception {
        for (String field : List.of("address", "nthreads", "status")) {
            try (var peer = RawPeer.greeted(scheduler)) {
                Map<String, Object> registration = FakeWorker.registration("tcp://127.0.0.1:9", "x");
                registration.remove(field);
                Map<?, ?> answer = peer.callForMap(registration);
                assertThat(answer.get("status")).isEqualTo("error");
                assertThat((String) answer.get("message")).contains(field);
                log.assertOneLineNaming(peer.name());
            }
        }
    }

    @Test
    void newsOfTasksThatNobodyKnowsChangesNothing() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            String address = "tcp://127.0.0.1:9";
            assertThat(peer.callForMap(FakeWorker.registration(address, "liar")).get("status"))
                    .isEqualTo("OK");
            peer.write(List.of(
                    FakeWorker.finished("nobody-knows", 1),
                    Map.of("op", "add-keys", "keys", List.of("nobody-knows"), "stimulus_id", "s"),
                    Map.of("op", "release-worker-data", "key", "nobody-knows", "stimulus_id", "s"),
                    Map.of("op", "long-running", "key", "nobody-knows", "compute_duration", 1.0),
                    Map.of("op", "reschedule", "key", "nobody-knows"),
                    Map.of("op", "request-refresh-who-has", "keys", List.of("nobody-knows")),
                    // A result of somebody else's, under a run that never was.
                    FakeWorker.finished("before", 12345)));
            assertThat(((List<?>) peer.next("free-keys").get("keys")).contains("nobody-knows"))
                    .isTrue();
        }
    }

    @Test
    void nonsenseOnAWorkersStreamEndsThatWorkerAlone() throws Exception {
        for (Object nonsense : List.of(
                List.of(Map.of("op", "no-such-operation")),
                List.of(Map.of("op", "task-finished")),
                List.of(Map.of("op", "task-finished", "key", "k", "nbytes", "many")),
                List.of(17L),
                "text")) {
            try (var peer = RawPeer.greeted(scheduler)) {
                Map<?, ?> answer = peer.callForMap(FakeWorker.registration("tcp://127.0.0.1:9", "nonsense"));
                assertThat(answer.get("status")).isEqualTo("OK");
                peer.write(nonsense);
                assertThat(peer.ends()).isTrue();
                log.assertOneLineNaming(peer.name());
            }
            awaitWorkers(1);
        }
    }

    private void awaitWorkers(int count) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (scheduler.workers().size() != count) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void aHeartbeatFromAnUnknownWorkerIsAnsweredMissing() throws Exception {
        try (var peer = RawPeer.greeted(scheduler)) {
            Map<?, ?> answer = peer.callForMap(
                    Map.of("op", "heartbeat_worker", "address", "tcp://127.0.0.1:9", "now", 0.0, "metrics", Map.of()));
            assertThat(answer.get("status")).isEqualTo("missing");
            log.assertOneLineNaming(peer.name());
        }
    }

    // ---- clients ----

    @Test
    void nonsenseOnAClientsStreamEndsThatClientAlone() throws Exception {
        int round = 0;
        for (Object nonsense : List.of(
                List.of(Map.of("op", "no-such-operation")),
                List.of(Map.of("op", "client-releases-keys", "keys", 17)),
                List.of(Map.of("op", "report-key")),
                List.of(Map.of("no", "op")),
                List.of(Map.of("op", "update-graph", "tasks", List.of(), "keys", 17)),
                17L)) {
            try (var peer = RawPeer.client(scheduler, "nonsense-" + round++)) {
                peer.write(nonsense);
                assertThat(peer.ends()).isTrue();
                log.assertOneLineNaming(peer.name());
            }
        }
    }

    @Test
    void aClientThatVanishesInTheMiddleOfItsGraphLeavesNothingBehind() throws Exception {
        try (var idle = FakeWorker.join(scheduler, "never-finishes", false)) {
            var peer = RawPeer.client(scheduler, "vanishing");
            peer.write(List.of(
                    graph(Set.of("c"), task("a"), task("b", "a"), Map.copyOf(restricted("c", idle.address, "b")))));
            awaitTasks(4);
            peer.bytes(words(100, 1)); // and then it breaks off, in the middle of a message
            peer.close();
            awaitTasks(1);
        }
        awaitWorkers(1);
    }

    private static Map<String, Object> restricted(String key, String worker, String... dependencies) {
        var task = new java.util.HashMap<>(task(key, dependencies));
        task.put("workers", List.of(worker));
        return task;
    }

    private void awaitTasks(int count) throws Exception {
        long deadline = System.nanoTime() + 10_000_000_000L;
        try (var peer = RawPeer.greeted(scheduler)) {
            while (peer.callForMap(Map.of("op", "who_has")).size() != count) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    void aGraphWithACycleFailsForWhatWasWantedOfIt() throws Exception {
        try (var peer = RawPeer.client(scheduler, "cyclic")) {
            peer.write(List.of(graph(Set.of("a"), task("a", "b"), task("b", "c"), task("c", "a"))));
            Map<?, ?> erred = peer.next("task-erred");
            assertThat(erred.get("key")).isEqualTo("a");
            assertThat(new String((byte[]) erred.get("exception"), US_ASCII)).contains("ValueError");
            log.assertOneLineNaming(peer.name());
        }
    }

    @Test
    void aTaskWhoseDependencyNobodyKnowsIsCancelledAndTheRestIsDone() throws Exception {
        try (var infos = new LogLines(Level.INFO);
                var peer = RawPeer.client(scheduler, "lost")) {
            peer.write(List.of(graph(Set.of("x", "y"), task("x", "nobody-knows"), task("y"))));
            assertThat(((List<?>) peer.next("cancelled-keys").get("keys")).contains("x"))
                    .isTrue();
            infos.assertOneLineNaming(peer.name());
            peer.write(List.of(Map.of("op", "report-key", "key", "y")));
            assertThat(peer.next("key-in-memory").get("key")).isEqualTo("y");
        }
    }

    @Test
    void aGraphInAFormatNobodyReadsFailsForWhatWasWantedOfIt() throws Exception {
        try (var peer = RawPeer.client(scheduler, "from-the-future")) {
            peer.write(List.of(Map.of("op", "update-graph", "hyper_graph", new byte[3], "keys", Set.of("p", "q"))));
            var failed = Set.of(
                    peer.next("task-erred").get("key"), peer.next("task-erred").get("key"));
            assertThat(failed).isEqualTo(Set.of("p", "q"));
            log.assertOneLineNaming(peer.name());
            peer.write(List.of(graph(Set.of("then"), task("then"))));
            assertThat(peer.next("key-in-memory").get("key")).isEqualTo("then");
        }
    }
}
