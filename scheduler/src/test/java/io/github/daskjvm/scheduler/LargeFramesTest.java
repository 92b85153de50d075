package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.sun.management.ThreadMXBean;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.protocol.Markers;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Values that pass through the scheduler: they need no memory there, and wait for whoever takes them. The peers have
/// no memory for them either, so what is allocated while they pass is what the scheduler and the peers allocate.
@Timeout(120)
class LargeFramesTest {
    private static final long MIB = 1 << 20;
    private static final long LARGE = 48 * MIB;
    /// What sockets hold, and pieces on their way.
    private static final long UNDERWAY = 24 * MIB;

    private final LogLines log = new LogLines(Level.WARN);
    private Scheduler scheduler;
    private LargeValues here;
    private LargeValues there;
    private FakeWorker workerHere;
    private FakeWorker workerThere;

    @BeforeEach
    void start() throws IOException {
        scheduler = Scheduler.start(SchedulerOptions.builder()
                .host("127.0.0.1")
                .port(0)
                .connectTimeout(Duration.ofSeconds(1))
                .build());
        here = new LargeValues(LARGE);
        there = new LargeValues(LARGE);
        workerHere = FakeWorker.join(scheduler, "here", true, here.address);
        workerThere = FakeWorker.join(scheduler, "there", true, there.address);
    }

    @AfterEach
    void end() throws Exception {
        here.reads.countDown();
        workerHere.close();
        workerThere.close();
        scheduler.close();
        here.close();
        there.close();
        log.close();
    }

    private Connection connect() throws IOException {
        return Connection.open(Address.parse(scheduler.address()), null, Duration.ofSeconds(20));
    }

    /// Tells the scheduler that a worker has these.
    private void held(Map<String, List<String>> whoHas) throws IOException {
        try (Connection peer = connect()) {
            Map<String, Long> sizes = new HashMap<>();
            whoHas.keySet().forEach(key -> sizes.put(key, LARGE));
            peer.write(Map.of("op", "update_data", "who_has", whoHas, "nbytes", sizes, "client", "c"));
            peer.read();
        }
    }

    private static void ask(Connection peer, String... keys) throws IOException {
        peer.write(Map.of("op", "gather", "keys", List.of(keys)));
    }

    /// Reads the answer to [#ask] and says what was right of each value, in bytes.
    private static Map<String, Long> answer(Connection peer) throws IOException {
        Incoming incoming = peer.begin(bytes -> false);
        assertThat(incoming).isNotNull();
        Map<?, ?> body = (Map<?, ?>) incoming.body();
        assertThat(body.get("status")).as("%s", body).isEqualTo("OK");
        Map<String, Long> right = new HashMap<>();
        long[] lengths = incoming.lengths();
        int at = 0;
        for (Map.Entry<?, ?> item : ((Map<?, ?>) body.get("data")).entrySet()) {
            assertThat(Markers.frame(item.getValue())).isEqualTo(at + 1);
            incoming.passTo(OutputStream.nullOutputStream(), lengths[at++]);
            var check = new LargeValues.Check(item.getKey().toString());
            for (int i = 0; i < LargeValues.FRAMES; i++) {
                incoming.passTo(check, lengths[at++]);
            }
            right.put(item.getKey().toString(), check.right());
        }
        assertThat(incoming.left()).isZero();
        return right;
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long startNanos = System.nanoTime();
        while (!condition.call()) {
            assertThat(System.nanoTime() - startNanos).as(what).isLessThan(TimeUnit.SECONDS.toNanos(60));
            Thread.sleep(5);
        }
    }

    @Test
    void whatIsGatheredIsNeverHeld() throws Exception {
        held(Map.of("a", List.of(here.address), "b", List.of(here.address), "c", List.of(there.address)));
        try (Connection peer = connect()) {
            ask(peer, "a");
            answer(peer); // what comes once, such as classes
            long before = allocated();
            ask(peer, "a", "b", "c");
            assertThat(answer(peer)).isEqualTo(Map.of("a", LARGE, "b", LARGE, "c", LARGE));
            assertThat(allocated() - before).isLessThan(LARGE / 2);
        }
        await("the workers hear that it has come", () -> here.acknowledged.get() == 2 && there.acknowledged.get() == 1);
        assertThat(log.naming("")).isEmpty();
    }

    @Test
    void aClientThatReadsNothingHoldsBackWhatComesAndNobodyElse() throws Exception {
        held(Map.of("a", List.of(here.address), "b", List.of(there.address)));
        try (Connection slow = connect();
                Connection other = connect()) {
            ask(slow, "a", "b");
            await("it begins", () -> here.sent.get() + there.sent.get() > 0);
            ask(other, "b");
            assertThat(answer(other)).isEqualTo(Map.of("b", LARGE));
            assertThat(here.sent.get() + there.sent.get()).isLessThan(LARGE + UNDERWAY);
            assertThat(answer(slow)).isEqualTo(Map.of("a", LARGE, "b", LARGE));
        }
    }

    @Test
    void aWorkerThatIsBusyIsAskedAgainAndNothingIsHeldMeanwhileThatOthersMayWaitFor() throws Exception {
        held(Map.of("a", List.of(here.address), "b", List.of(there.address)));
        here.sizeBytes = 4 * MIB;
        there.sizeBytes = 4 * MIB;
        LargeValues first = here.address.compareTo(there.address) < 0 ? here : there;
        first.busy.set(2);
        try (Connection peer = connect()) {
            ask(peer, "a", "b");
            assertThat(answer(peer)).isEqualTo(Map.of("a", 4 * MIB, "b", 4 * MIB));
        }
        LargeValues second = first == here ? there : here;
        await("what was begun is ended", () -> second.acknowledged.get() == 3);
        assertThat(first.acknowledged.get()).isEqualTo(1);
    }

    @Test
    void whereAKeyIsMissingTheOthersAreLetGo() throws Exception {
        held(Map.of("a", List.of(here.address), "missing", List.of(there.address)));
        try (Connection peer = connect()) {
            ask(peer, "a", "missing");
            assertThat(peer.read()).isEqualTo(Map.of("status", "error", "keys", List.of("missing")));
            ask(peer, "a");
            assertThat(answer(peer)).isEqualTo(Map.of("a", LARGE));
        }
    }

    @Test
    void aWorkerThatDiesAsItsValuePassesEndsTheConnectionThatItGoesTo() throws Exception {
        held(Map.of("a", List.of(here.address), "b", List.of(there.address)));
        here.diesAfter = LARGE / 2;
        try (Connection peer = connect();
                Connection other = connect()) {
            ask(peer, "a");
            Incoming incoming = peer.begin(bytes -> false);
            assertThat(incoming).isNotNull();
            assertThat(CompletableFuture.supplyAsync(() -> {
                        try {
                            incoming.skip();
                            return "all";
                        } catch (IOException e) {
                            return "ended";
                        }
                    }))
                    .succeedsWithin(Duration.ofSeconds(60))
                    .isEqualTo("ended");
            ask(other, "b");
            assertThat(answer(other)).isEqualTo(Map.of("b", LARGE));
        }
        await("the log says who", () -> !log.naming("from " + here.address).isEmpty());
    }

    private static StreamedMessage scatter(long sizeBytes, AtomicLong sent, String... keys) {
        var message = new StreamedMessage();
        message.body().mapHeader(4);
        message.body().string("op");
        message.body().string("scatter");
        message.body().string("client");
        message.body().string("c");
        message.body().string("runtime");
        message.body().string("jvm");
        message.body().string("data");
        message.body().mapHeader(keys.length);
        for (String key : keys) {
            message.body().string(key);
            LargeValues.put(message, new LargeValues.Value(key, sizeBytes, sent, Long.MAX_VALUE));
        }
        return message;
    }

    @Test
    void whatIsScatteredIsNeverHeld() throws Exception {
        try (Connection peer = connect()) {
            peer.write(scatter(LARGE, new AtomicLong(), "first"));
            assertThat(peer.read()).isEqualTo(List.of("first")); // and what comes once
            long before = allocated();
            peer.write(scatter(LARGE, new AtomicLong(), "a", "b", "c", "d", "e"));
            assertThat(peer.read()).isEqualTo(List.of("a", "b", "c", "d", "e"));
            assertThat(allocated() - before).isLessThan(LARGE / 2);
            assertThat(here.received.size()).isBetween(2, 4);
            Map<String, Long> all = new HashMap<>(here.received);
            all.putAll(there.received);
            assertThat(all)
                    .isEqualTo(Map.of("first", LARGE, "a", LARGE, "b", LARGE, "c", LARGE, "d", LARGE, "e", LARGE));
            peer.write(Map.of("op", "who_has", "keys", List.of("a", "b", "c", "d", "e")));
            assertThat(((Map<?, ?>) peer.read()).values())
                    .allSatisfy(who -> assertThat((List<?>) who).hasSize(1));
        }
        assertThat(log.naming("")).isEmpty();
    }

    @Test
    void aWorkerThatReadsNothingHoldsBackWhoeverScattersToItAndNobodyElse() throws Exception {
        held(Map.of("b", List.of(there.address)));
        here.reads = new CountDownLatch(1);
        there.reads = here.reads;
        var sent = new AtomicLong();
        try (Connection peer = connect();
                Connection other = connect()) {
            CompletableFuture<Object> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    peer.write(scatter(LARGE, sent, "x", "y"));
                    return peer.read();
                } catch (IOException e) {
                    return e;
                }
            });
            await("it begins", () -> sent.get() > 0);
            ask(other, "b");
            assertThat(answer(other)).isEqualTo(Map.of("b", LARGE));
            assertThat(sent.get()).isLessThan(LARGE + UNDERWAY);
            assertThat(answer).isNotDone();
            here.reads.countDown();
            assertThat(answer).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(List.of("x", "y"));
        }
    }

    @Test
    void aWorkerThatIsGoneFailsTheScatterAndTheConnectionGoesOn() throws Exception {
        here.close();
        try (Connection peer = connect()) {
            peer.write(scatter(LARGE, new AtomicLong(), "x", "y"));
            Map<?, ?> reply = (Map<?, ?>) peer.read();
            assertThat(reply.get("status")).isEqualTo("uncaught-error");
            assertThat(reply.get("exception_text").toString()).contains(here.address);
            peer.write(Map.of("op", "who_has", "keys", List.of("x", "y")));
            assertThat(peer.read()).isEqualTo(Map.of("x", List.of(), "y", List.of()));
        }
    }
}
