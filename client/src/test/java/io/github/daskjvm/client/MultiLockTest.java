package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MultiLockTest {
    private static final Duration SHORT = Duration.ofMillis(30);

    private static LocalCluster cluster;
    private static Client client;
    private static Client other;

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
    void allOfThemAreHeldOrNone() throws Exception {
        ClusterMultiLock.Held held = client.multiLock("a", "b").lock();

        assertThat(other.multiLock("b", "c").tryLock()).isEmpty();
        assertThat(other.multiLock("b", "c").tryLock(SHORT)).isEmpty();
        try (ClusterMultiLock.Held free = other.multiLock("c", "d").tryLock().orElseThrow()) {
            assertThat(free.names()).containsExactly("c", "d");
        }
        CompletableFuture<ClusterMultiLock.Held> next = Await.beside(other.multiLock("c", "b")::lock);
        held.close();
        held.close();

        assertThat(held.isHeld()).isFalse();
        try (ClusterMultiLock.Held all = next.get(30, TimeUnit.SECONDS)) {
            assertThat(all.isHeld()).isTrue();
            assertThat(client.multiLock("c").tryLock()).isEmpty();
        }
        client.multiLock("a", "b", "c").tryLock().orElseThrow().close();
    }

    @Test
    void someOfThemAreEnoughWhereSoManyAreAskedFor() throws Exception {
        try (ClusterMultiLock.Held one = client.multiLock("x").lock();
                ClusterMultiLock.Held two = other.multiLock("x", "y", "z").lock(2)) {
            assertThat(one.isHeld() && two.isHeld()).isTrue();
            assertThat(client.multiLock("x", "y", "z").tryLock(1, SHORT)).isEmpty();
        }
    }

    @Test
    void tasksThatTakeTheSameLocksInAnyOrderGoOneAfterTheOther() throws Exception {
        List<Future<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String[] names = i % 2 == 0 ? new String[] {"left", "right"} : new String[] {"right", "left"};
            futures.add(client.submit(() -> alone(names)));
        }
        assertThat(client.gather(futures, Duration.ofSeconds(50))).allMatch(inside -> inside == 1);
    }

    private static final AtomicInteger INSIDE = new AtomicInteger();

    private static int alone(String... names) throws Exception {
        try (ClusterMultiLock.Held held = Client.current().multiLock(names).lock()) {
            int inside = INSIDE.incrementAndGet();
            Thread.yield();
            INSIDE.decrementAndGet();
            return held.isHeld() ? inside : -1;
        }
    }

    @Test
    void aClientThatClosesGivesThemBackAndOneThatIsInterruptedLeavesTheLine() throws Exception {
        Client leaving = cluster.client();
        ClusterMultiLock.Held held = leaving.multiLock("p", "q").lock();
        var failure = new CompletableFuture<Throwable>();
        Thread waiter = Thread.ofPlatform().start(() -> {
            try (ClusterMultiLock.Held got = other.multiLock("q").lock()) {
                failure.complete(new AssertionError("got " + got));
            } catch (Exception e) {
                failure.complete(e);
            }
        });
        waiter.interrupt();
        assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        CompletableFuture<ClusterMultiLock.Held> next = Await.beside(other.multiLock("p", "q")::lock);

        leaving.close();

        next.get(30, TimeUnit.SECONDS).close();
        assertThat(held.isHeld()).isFalse();
    }

    @Test
    void whoIsInterruptedWhenItsLocksComeDoesNotKeepThem() throws Exception {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            Thread waiter = Thread.ofPlatform().start(() -> {
                try {
                    client.multiLock("v", "w").lock().close();
                } catch (IOException | InterruptedException e) {
                    // It has none.
                }
            });
            LockSupport.parkNanos(random.nextInt(1_000_000));
            waiter.interrupt();
            waiter.join();
            other.multiLock("v", "w")
                    .tryLock(Duration.ofSeconds(30))
                    .orElseThrow()
                    .close();
        }
    }

    @Test
    void whatCanNotBeIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> client.multiLock()).hasMessageContaining("one name or more");
        assertThatThrownBy(() -> client.multiLock("a", "a")).hasMessageContaining("[a, a]");
        assertThatThrownBy(() -> client.multiLock("m", "n").lock(3)).hasMessageContaining("1 to 2, not 3");
    }
}
