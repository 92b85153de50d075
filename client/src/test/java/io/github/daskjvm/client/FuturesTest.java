package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many futures at once, and what can be done with them, on a real cluster in this process.
@Timeout(60)
class FuturesTest extends ClusterFixture {
    // ---- in the order of completion ----

    @Test
    void futuresComeAsTheyAreCompletedHoweverTheyEnd() throws Exception {
        Future<Integer> last = client.submit(() -> Gates.pass("as-completed", 1));
        Future<Integer> first = client.submit(() -> 2);
        AsCompleted<Future<Integer>> all = client.asCompleted(List.of(last, first));

        assertThat(all.next()).isSameAs(first);
        assertThat(all.count()).isEqualTo(1);
        assertThatThrownBy(() -> all.next(Duration.ofMillis(20))).isInstanceOf(TimeoutException.class);
        Future<Integer> failed = client.submit(() -> {
            throw new IOException("no");
        });
        all.add(failed);
        assertThat(all.next()).isSameAs(failed);
        last.cancel(true);
        assertThat(all.next()).isSameAs(last);
        assertThat(all.isEmpty()).isTrue();
        assertThatThrownBy(all::next).isInstanceOf(NoSuchElementException.class);
        Gates.open("as-completed");
    }

    @Test
    void aLoopOverCompletedFuturesMayAddMore() throws Exception {
        AsCompleted<Future<Integer>> all = client.asCompleted(client.map(x -> x, List.of(1, 2, 3)));
        List<Integer> seen = new ArrayList<>();

        for (Future<Integer> done : all) {
            int value = done.get();
            seen.add(value);
            if (value < 20) {
                all.add(client.submit(x -> 10 * x, done));
            }
        }

        assertThat(seen).containsExactlyInAnyOrder(1, 2, 3, 10, 20, 30, 100);
    }

    @Test
    void aStreamOfCompletedFuturesCanEndEarlyAndTheRestStays() throws Exception {
        Future<Integer> slow = client.submit(() -> Gates.pass("stream", 7));
        List<Future<Integer>> futures = new ArrayList<>(client.map(x -> x, List.of(1, 2)));
        futures.addFirst(slow);
        AsCompleted<Future<Integer>> all = client.asCompleted(futures);

        assertThat(all.stream().limit(2).map(Future::resultNow)).containsExactlyInAnyOrder(1, 2);

        assertThat(all.notDone()).containsExactly(slow);
        Gates.open("stream");
        assertThat(all.stream().map(Future::resultNow)).containsExactly(7);
    }

    @Test
    void allThatIsDoneComesAsOneBatch() throws Exception {
        List<Future<Integer>> futures = client.map(x -> x, List.of(1, 2, 3));
        client.waitAll(futures);

        assertThat(client.asCompleted(futures).nextBatch()).containsExactlyElementsOf(futures);
    }

    @Test
    void whoDropsAHalfReadOneLetsGoOfTheRest() throws Exception {
        Future<Integer> blocked = client.submit(() -> Gates.pass("dropped", 1));
        var state = blocked.keyState();
        AsCompleted<Future<Integer>> all = client.asCompleted(List.of(blocked));
        blocked = null;
        assertThat(all.count()).isEqualTo(1);
        all = null;

        Await.until("the future is collected", () -> {
            System.gc();
            return client.keys().get(state.key) == null;
        });
        Gates.open("dropped");
    }

    // ---- waiting ----

    @Test
    void waitAllReturnsOnceAllAreDoneHoweverTheyEnd() throws Exception {
        Future<Integer> good = client.submit(() -> 1);
        Future<Integer> bad = client.submit(() -> {
            throw new IOException("no");
        });
        client.waitAll(List.of(good, bad));
        assertThat(List.of(good.status(), bad.status())).containsExactly(FutureStatus.FINISHED, FutureStatus.ERROR);

        Future<Integer> slow = client.submit(() -> Gates.pass("wait-all", 1));
        assertThatThrownBy(() -> client.waitAll(List.of(good, bad, slow), Duration.ofMillis(20)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("1 of 3");
        Gates.open("wait-all");
        client.waitAll(List.of(good, bad, slow), Duration.ofSeconds(60));
    }

    @Test
    void waitAnyReturnsOnceOneIsDone() throws Exception {
        Future<Integer> slow = client.submit(() -> Gates.pass("wait-any", 1));
        Future<Integer> quick = client.submit(() -> 2);

        DoneAndNotDone<Future<Integer>> parts = client.waitAny(List.of(slow, quick));

        assertThat(parts.done()).containsExactly(quick);
        assertThat(parts.notDone()).containsExactly(slow);
        assertThatThrownBy(() -> client.waitAny(List.of(slow), Duration.ofMillis(20)))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> client.waitAny(List.of())).isInstanceOf(IllegalArgumentException.class);
        Gates.open("wait-any");
        assertThat(client.waitAny(List.of(slow)).done()).containsExactly(slow);
    }

    // ---- chains ----

    @Test
    void chainsRunOnTheClusterWithoutWaitingHere() throws Exception {
        Future<Integer> start = client.submit(() -> Gates.pass("chain", 3));
        Future<Integer> squared = start.thenApply(x -> x * x);
        Future<String> text = squared.thenCombine(start, (a, b) -> a + " and " + b)
                .thenApply(s -> s + "!", TaskOptions.DEFAULT.priority(5).key("the-end"));

        assertThat(text.isDone()).isFalse();
        assertThat(text.key()).isEqualTo("the-end");
        Gates.open("chain");
        assertThat(text.get()).isEqualTo("9 and 3!");
        Future<Integer> sum = squared.thenCombine(Arg.value(1), Integer::sum, TaskOptions.DEFAULT.retries(1));
        assertThat(sum.get()).isEqualTo(10);
    }

    // ---- gather ----

    @Test
    void gatherBringsMapsAndNestedStructures() throws Exception {
        Future<Integer> one = client.submit(() -> 1);
        Future<String> two = client.submit(() -> "two");
        assertThat(client.gather(Map.of("a", one))).isEqualTo(Map.of("a", 1));

        Object tree = client.gatherNested(Map.of("list", List.of(one, two, 3), "set", Set.of(two), "plain", "x"));

        assertThat(tree).isEqualTo(Map.of("list", List.of(1, "two", 3), "set", Set.of("two"), "plain", "x"));
        assertThat(client.gatherNested(one)).isEqualTo(1);
        assertThat(client.gatherNested("no future")).isEqualTo("no future");
    }

    @Test
    void gatherFinishedLeavesOutWhatFailed() throws Exception {
        List<Future<Integer>> futures = client.map(
                x -> {
                    if (x == 2) {
                        throw new IOException("no");
                    }
                    return x;
                },
                List.of(1, 2, 3));

        assertThat(client.gatherFinished(futures)).containsExactly(1, 3);
    }

    // ---- retry ----

    private static final AtomicBoolean BROKEN = new AtomicBoolean();

    private static int fragile(int x) throws IOException {
        if (BROKEN.get()) {
            throw new IOException("broken");
        }
        return x;
    }

    @Test
    void aFailedTaskAndWhatNeedsItAreTriedAgain() throws Exception {
        BROKEN.set(true);
        Future<Integer> root = client.submit(() -> fragile(20));
        Future<Integer> next = root.thenApply(x -> x + 1);
        assertThatThrownBy(next::get).isInstanceOf(TaskFailedException.class);
        next.retry();
        assertThatThrownBy(next::get).isInstanceOf(TaskFailedException.class);

        BROKEN.set(false);
        next.retry();

        assertThat(next.get()).isEqualTo(21);
        assertThat(root.get()).isEqualTo(20);
        next.retry();
        assertThat(next.get()).isEqualTo(21);
    }

    @Test
    void whatWasOnlyKnownHereIsNotTriedAgain() throws Exception {
        Future<Integer> failed = client.fromCompletionStage(CompletableFuture.failedFuture(new IOException("here")));

        client.retry(List.of(failed));

        assertThatThrownBy(failed::get).hasRootCauseMessage("here");
    }

    // ---- fire and forget ----

    private static final Set<String> RAN = java.util.concurrent.ConcurrentHashMap.newKeySet();

    @Test
    void whatIsFiredRunsThoughItsClientLeaves() throws Exception {
        try (Client leaving = cluster.client()) {
            Future<Boolean> fired = leaving.submit(() -> Gates.pass("fired", RAN.add("fired")));
            leaving.fireAndForget(List.of(fired));
        }
        Await.until("the other has left", () -> cluster.scheduler().snapshot().clients() == 1);
        Gates.open("fired");

        Await.until("it ran", () -> RAN.contains("fired"));
    }

    @Test
    void whatIsFiredBeforeItsInputIsThereRunsToo() throws Exception {
        var here = new CompletableFuture<String>();
        Future<String> input = client.fromCompletionStage(here);
        Future<Boolean> fired = input.thenApply(text -> RAN.add(text));
        client.fireAndForget(List.of(fired));
        input.close();
        fired.close();

        here.complete("late");

        Await.until("it ran", () -> RAN.contains("late"));
    }

    // ---- where results are ----

    @Test
    void resultsAreCopiedToAsManyWorkersAsAskedForAndSuperfluousCopiesDropped() throws Exception {
        List<Future<Integer>> futures = client.map(x -> x, List.of(1, 2, 3));

        client.replicate(futures);
        assertThat(client.whoHas(futures).values()).allMatch(holders -> holders.size() == 2);
        assertThat(client.hasWhat().values()).allMatch(keys -> keys.size() == 3);

        String second = cluster.workers().get(1).address();
        client.replicate(futures, 1);
        assertThat(client.whoHas(futures).values()).allMatch(holders -> holders.size() == 1);
        client.replicate(futures, 1, second);
        assertThat(client.hasWhat(second).get(second)).hasSize(3);
        assertThat(client.gather(futures)).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> client.replicate(futures, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatFailedCannotBeCopied() {
        Future<Integer> failed = client.submit(() -> {
            throw new IOException("no");
        });

        assertThatThrownBy(() -> client.replicate(List.of(failed)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(failed.key());
    }

    @Test
    void rebalanceMovesResultsFromTheFullWorkerToTheEmptyOne() throws Exception {
        String first = cluster.workers().get(0).address();
        String second = cluster.workers().get(1).address();
        List<Future<byte[]>> futures =
                client.with(TaskOptions.DEFAULT.workers(first)).map(x -> new byte[x * 1_000_000], List.of(8, 8, 8, 8));
        client.waitAll(futures);

        // What is moved follows what the workers say of their memory, which takes a heartbeat.
        Await.until("some have moved", () -> {
            client.rebalance(futures);
            return client.hasWhat(second).getOrDefault(second, List.of()).size() >= 1;
        });

        assertThat(client.whoHas(futures).values()).allMatch(holders -> holders.size() == 1);
        assertThat(client.gather(futures)).allMatch(bytes -> bytes.length == 8_000_000);
    }

    @Test
    void equalValuesScatteredByHashAreOneResult() throws Exception {
        ScatterOptions hashed = ScatterOptions.DEFAULT.hash(true);
        Future<List<String>> one = client.scatter(List.of("a", "b"), hashed);
        Future<List<String>> same = client.scatter(List.of("a", "b"), hashed);
        Future<List<String>> other = client.scatter(List.of("c"), hashed.broadcast(true));

        assertThat(same.key()).isEqualTo(one.key()).isNotEqualTo(other.key());
        assertThat(client.whoHas(List.of(other)).get(other.key())).hasSize(2);
        assertThat(client.gather(List.of(one, same, other)))
                .containsExactly(List.of("a", "b"), List.of("a", "b"), List.of("c"));
        try (Client second = cluster.client()) {
            assertThat(second.scatter(List.of("a", "b"), hashed).key()).isEqualTo(one.key());
        }
    }

    @Test
    void whatIsScatteredAgainJustAfterItWasLetGoOfStays() throws Exception {
        for (int i = 0; i < 50; i++) {
            Future<String> future = client.scatter("again and again", ScatterOptions.DEFAULT.hash(true));
            assertThat(future.get()).isEqualTo("again and again");
            future.close();
        }
        Future<String> last = client.scatter("again and again", ScatterOptions.DEFAULT.hash(true));
        assertThat(client.submit(String::length, last).get()).isEqualTo(15);
    }

    @Test
    void valuesCanBeScatteredUnderNames() throws Exception {
        Map<String, Future<Integer>> named = client.scatterNamed(Map.of("left", 1, "right", 2), ScatterOptions.DEFAULT);

        assertThat(client.gather(named)).isEqualTo(Map.of("left", 1, "right", 2));
        assertThat(client.<Integer>future("left").get()).isEqualTo(1);
    }

    // ---- options ----

    @Test
    void pureCallsAreComputedOnceAndShared() throws Exception {
        CALLS.set(0);
        TaskSubmitter pure = client.with(TaskOptions.DEFAULT.pure(true));

        List<Future<Integer>> same = List.of(
                pure.submit(FuturesTest::counted, Arg.value(5)), pure.submit(FuturesTest::counted, Arg.value(5)));
        Future<Integer> other = pure.submit(FuturesTest::counted, Arg.value(6));

        assertThat(client.gather(same)).containsExactly(5, 5);
        assertThat(other.get()).isEqualTo(6);
        assertThat(CALLS).hasValue(2);
        assertThat(new HashSet<>(List.of(same.get(0).key(), same.get(1).key(), other.key())))
                .hasSize(2);
    }

    private static final AtomicInteger CALLS = new AtomicInteger();

    private static int counted(int x) {
        CALLS.incrementAndGet();
        return x;
    }

    @Test
    void aPreferredWorkerThatIsNotThereIsDoneWithout() throws Exception {
        TaskOptions elsewhere = TaskOptions.DEFAULT.workers("tcp://127.0.0.1:1");

        Future<Integer> preferred =
                client.with(elsewhere.allowOtherWorkers(true)).submit(() -> 1);
        Future<Integer> strict = client.with(elsewhere).submit(() -> 2);

        assertThat(preferred.get()).isEqualTo(1);
        assertThat(strict.isDone()).isFalse();
        client.cancel(List.of(strict));
        assertThatThrownBy(strict::get).isInstanceOf(CancellationException.class);
    }
}
