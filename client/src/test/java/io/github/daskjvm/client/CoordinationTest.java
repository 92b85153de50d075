package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.worker.python.NdArray;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two clients of one cluster that coordinate by name.
@Timeout(60)
class CoordinationTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(30);

    private static LocalCluster cluster;
    private static Client client;
    private static Client other;

    private static final List<Object> OTHERS = List.of(
            1L,
            "text",
            NdArray.of(new int[] {1, 2, 3, 4}, 2, 2),
            NdArray.of(new float[0], 0, 3),
            LocalTime.of(1, 2, 3, 4000),
            LocalDate.of(2024, 2, 29),
            Duration.ofDays(1).plusMillis(5),
            new BigDecimal("1.20"),
            UUID.fromString("12345678-9abc-def0-1234-56789abcdef0"),
            Set.of(1L));

    record NotPlain(int number) implements Serializable {}

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.builder().workers(1).threadsPerWorker(2).start();
        client = cluster.client();
        other = cluster.client();
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void aLockIsHeldByOneAtATime() throws Exception {
        ClusterLock mine = client.lock("one");
        ClusterLock theirs = other.lock("one");
        ClusterLease held = mine.lock();

        assertThat(theirs.isLocked()).isTrue();
        assertThat(theirs.tryLock()).isEmpty();
        assertThat(theirs.tryLock(SHORT)).isEmpty();
        CompletableFuture<ClusterLease> next = Await.beside(theirs::lock);
        held.close();
        held.close();

        assertThat(held.isHeld()).isFalse();
        try (ClusterLease lease = next.get()) {
            assertThat(lease.isHeld()).isTrue();
            assertThat(mine.tryLock()).isEmpty();
        }
        assertThat(mine.isLocked()).isFalse();
    }

    @Test
    void whoIsInterruptedWhileItWaitsForALockLeavesItToOthers() throws Exception {
        ClusterLease held = client.lock("interrupted").lock();
        var failure = new CompletableFuture<Throwable>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            try (ClusterLease lease = other.lock("interrupted").lock()) {
                failure.complete(new AssertionError("got " + lease));
            } catch (Exception e) {
                failure.complete(e);
            }
        });
        Await.until(
                "it waits",
                () -> waiting.getState() == Thread.State.TIMED_WAITING || waiting.getState() == Thread.State.WAITING);

        waiting.interrupt();

        assertThat(failure.get()).isInstanceOf(InterruptedException.class);
        held.close();
        try (ClusterLease lease = client.lock("interrupted").lock()) {
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void aSemaphoreHasAsManyLeasesAsWereSaidFirst() throws Exception {
        ClusterSemaphore semaphore = client.semaphore("two", 2);
        ClusterLease first = semaphore.acquire();
        Optional<ClusterLease> second = other.semaphore("two", 2).tryAcquire(LONG);

        assertThat(second).isPresent();
        assertThat(semaphore.held()).isEqualTo(2);
        assertThat(semaphore.tryAcquire()).isEmpty();
        assertThatThrownBy(() -> other.semaphore("two", 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Inconsistent max leases: 3, expected: 2");
        first.close();
        second.get().close();
        assertThat(semaphore.held()).isZero();
        semaphore.delete();
        assertThatThrownBy(semaphore::acquire)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not known");
    }

    private static long refreshes() {
        return cluster.scheduler().serviceFigures().calls().ops().stream()
                .filter(op -> op.op().equals("semaphore_refresh_leases"))
                .mapToLong(OpFigures::calls)
                .sum();
    }

    @Test
    void leasesAreRefreshedUntilTheirClientIsClosed() throws Exception {
        Client third = cluster.client();
        Duration lasts = Duration.ofMillis(500);
        ClusterLease kept = third.semaphore("refreshed", 1, lasts).acquire();
        long before = refreshes();

        Await.until("it is refreshed again and again", () -> refreshes() >= before + 3);
        assertThat(kept.isHeld()).isTrue();
        third.close();

        assertThat(kept.isHeld()).isFalse();
        assertThat(client.semaphore("refreshed", 1, lasts).tryAcquire()).isPresent();
    }

    @Test
    void anEventThatOneSetsLetsOthersGoOn() throws Exception {
        ClusterEvent event = client.event("go");
        assertThat(event.await(SHORT)).isFalse();
        CompletableFuture<Boolean> waiting =
                Await.beside(() -> other.event("go").await(LONG));
        Future<String> task = client.submit(() -> {
            Client.current().event("go").await();
            return "went";
        });

        event.set();

        assertThat(waiting.get()).isTrue();
        assertThat(task.get()).isEqualTo("went");
        assertThat(other.event("go").isSet()).isTrue();
        event.clear();
        assertThat(other.event("go").isSet()).isFalse();
    }

    @Test
    void aQueueKeepsItsOrderAndItsBound() throws Exception {
        ClusterQueue<Object> queue = client.queue("ordered", 2);
        ClusterQueue<Object> end = other.queue("ordered");
        queue.put(1);
        queue.put("two");

        assertThat(queue.offer(3, SHORT)).isFalse();
        assertThat(end.size()).isEqualTo(2);
        CompletableFuture<Boolean> third = Await.beside(() -> queue.offer(3.5, LONG));
        assertThat(end.take()).isEqualTo(1L);
        assertThat(third.get()).isTrue();
        assertThat(end.drain()).containsExactly("two", 3.5);
        assertThat(end.poll(SHORT)).isNull();
        assertThatThrownBy(() -> end.take(SHORT)).isInstanceOf(TimeoutException.class);
        CompletableFuture<Object> taken = Await.beside(end::take);
        queue.put(null);
        assertThat(taken.get()).isNull();
    }

    @Test
    void dataInQueuesIsWhatTheProtocolCarries() throws Exception {
        ClusterQueue<Object> queue = client.queue("data");
        queue.put(Map.of("a", List.of(1, true, "x"), "b", new byte[] {1}));
        queue.put(Set.of(1));

        Map<?, ?> map = (Map<?, ?>) queue.take();
        assertThat(map.get("a")).isEqualTo(Arrays.asList(1L, true, "x"));
        assertThat(map.get("b")).isEqualTo(new byte[] {1});
        assertThat(queue.take()).isEqualTo(Set.of(1L));
        assertThatThrownBy(() -> queue.put(List.of(new NotPlain(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NotPlain does not travel through the scheduler")
                .hasMessageContaining("scatter it");
        assertThatThrownBy(() -> queue.put(List.of(client.submit(() -> 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("put the future itself");
        assertThat(queue.size()).isZero();
    }

    @Test
    void aFutureInAQueueOutlivesTheClientThatPutIt() throws Exception {
        try (Client third = cluster.client()) {
            ClusterQueue<Future<NotPlain>> queue = third.queue("futures");
            queue.put(third.submit(() -> new NotPlain(7)));
        }
        ClusterQueue<Future<NotPlain>> queue = client.queue("futures");

        try (Future<NotPlain> future = queue.take(LONG)) {
            assertThat(future.get(60, TimeUnit.SECONDS)).isEqualTo(new NotPlain(7));
        }
        try (Client third = cluster.client()) {
            ClusterQueue<Future<Integer>> failing = third.queue("futures");
            failing.put(third.submit(() -> Integer.parseInt("none")));
        }
        Future<NotPlain> failed = queue.take();
        assertThatThrownBy(failed::get).hasCauseInstanceOf(NumberFormatException.class);
        failed.close();
    }

    @Test
    void aReleasedQueueIsGoneForWhoAskedForItNoMore() throws Exception {
        ClusterQueue<Integer> queue = client.queue("gone");
        queue.release();

        Await.until("it is unknown", () -> {
            try {
                return queue.size() < 0;
            } catch (NoSuchElementException e) {
                return e.getMessage().contains("gone");
            }
        });
    }

    @Test
    void aVariableHasDataOrAFuture() throws Exception {
        ClusterVariable<Object> variable = client.variable("v");
        ClusterVariable<Object> seen = other.variable("v");
        assertThatThrownBy(() -> seen.get(SHORT)).isInstanceOf(TimeoutException.class);
        CompletableFuture<Object> waiting = Await.beside(seen::get);

        variable.set(List.of(1, 2));
        assertThat(waiting.get()).isEqualTo(List.of(1L, 2L));
        Future<NotPlain> future = client.submit(() -> new NotPlain(3));
        variable.set(future);
        future.close();

        assertThat(((Future<?>) seen.get()).get(60, TimeUnit.SECONDS)).isEqualTo(new NotPlain(3));
        variable.delete();
        // The client's stream tells of that, and a question by another connection may be quicker.
        Await.until("it has no value", () -> {
            try {
                return variable.get(SHORT) == null;
            } catch (TimeoutException e) {
                return true;
            }
        });
    }

    @Test
    void whatIsPublishedStaysWithoutItsClient() throws Exception {
        try (Client third = cluster.client()) {
            Future<NotPlain> one = third.submit(() -> new NotPlain(1));
            Future<Integer> two = third.submit(() -> 2);
            third.publish(
                    "kept", Map.of("futures", List.of(one, two), "numbers", new double[] {1, 2}, "others", OTHERS));
            assertThatThrownBy(() -> third.publish("kept", 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("there is a dataset kept already");
        }

        Map<String, Object> kept = client.dataset("kept");
        assertThat(client.datasets()).contains("kept");
        List<?> futures = (List<?>) kept.get("futures");
        assertThat(((Future<?>) futures.get(0)).get(60, TimeUnit.SECONDS)).isEqualTo(new NotPlain(1));
        assertThat(((Future<?>) futures.get(1)).get(60, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(kept.get("numbers")).isEqualTo(new double[] {1, 2});
        assertThat(kept.get("others")).isEqualTo(OTHERS);
        client.publishAgain("kept", "other");
        assertThat(other.<String>dataset("kept")).isEqualTo("other");
        client.unpublish("kept");
        client.unpublish("kept");
        assertThat(client.datasets()).doesNotContain("kept");
        assertThatThrownBy(() -> client.dataset("kept"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("there is no dataset kept");
        assertThatThrownBy(() -> client.publish("java", new NotPlain(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NotPlain of Java has no counterpart in Python");
    }
}
