package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.worker.task.TaskContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A client of a real scheduler with two real workers, in this process, over real sockets.
@Timeout(60)
class ClusterTest extends ClusterFixture {
    @Test
    void aLambdaRunsOnAWorker() throws Exception {
        int captured = 6;

        Future<Integer> answer = client.submit(() -> captured * 7);

        assertThat(answer.get()).isEqualTo(42);
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(42);
        assertThat(answer.resultNow()).isEqualTo(42);
        assertThat(answer.status()).isEqualTo(FutureStatus.FINISHED);
        assertThat(client.whoHas(List.of(answer)).get(answer.key())).hasSize(1);
    }

    @Test
    void nullIsAResultToo() throws Exception {
        Future<String> nothing = client.submit(() -> null);

        assertThat(nothing.get()).isNull();
        assertThat(client.submit(x -> x == null ? "null" : "other", nothing).get())
                .isEqualTo("null");
        assertThat(client.gather(List.of(nothing))).containsOnlyNulls();
    }

    @Test
    void mapComputesEachValueAndGatherKeepsTheirOrder() throws Exception {
        List<Integer> values = new ArrayList<>();
        List<Integer> squares = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            values.add(i);
            squares.add(i * i);
        }

        List<Future<Integer>> futures = client.map(x -> x * x, values);

        assertThat(client.gather(futures)).isEqualTo(squares);
    }

    @Test
    void futuresAreArgumentsOfTasksOfOneToFourArguments() throws Exception {
        Future<Integer> one = client.submit(() -> 1);
        Future<Integer> two = client.submit(x -> x + 1, one);
        Future<Integer> three = client.submit(Integer::sum, one, two);
        Future<Integer> six = client.submit((a, b, c) -> a + b + c, one, two, three);
        Future<Integer> hundred = client.submit((a, b, c, d) -> (a + b + c) * d + 40, one, two, three, Arg.value(10));

        assertThat(client.gather(List.of(one, two, three, six, hundred))).containsExactly(1, 2, 3, 6, 100);
    }

    @Test
    void futuresInsideListsAndMapsStandForTheirResults() throws Exception {
        Future<Integer> one = client.submit(() -> 1);
        Future<Integer> two = client.submit(() -> 2);

        Future<Integer> sum = client.submit((List<Integer> all) -> all.get(0) + all.get(1), List.of(one, two));
        Future<String> text = client.apply(
                arguments -> arguments.get(0) + " " + arguments.get(1), Map.of("sum", List.of(sum, one)), "and more");

        assertThat(text.get()).isEqualTo("{sum=[3, 1]} and more");
    }

    @Test
    void resultsMoveFromWorkerToWorker() throws Exception {
        String first = cluster.workers().get(0).address();
        String second = cluster.workers().get(1).address();
        Future<byte[]> large = client.with(TaskOptions.DEFAULT.workers(first)).submit(() -> new byte[5_000_000]);
        Future<Integer> length =
                client.with(TaskOptions.DEFAULT.workers(second)).submit(data -> data.length, large);

        assertThat(length.get()).isEqualTo(5_000_000);
        assertThat(client.whoHas(List.of(large, length)))
                .isEqualTo(Map.of(large.key(), List.of(first, second), length.key(), List.of(second)));
    }

    @Test
    void aTreeOfFiveHundredTasksAddsUp() throws Exception {
        List<Integer> ones = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            ones.add(1);
        }
        List<Future<Integer>> level = client.map(x -> x, ones);
        while (level.size() > 1) {
            List<Future<Integer>> next = new ArrayList<>();
            for (int i = 0; i < level.size(); i += 2) {
                next.add(client.submit(Integer::sum, level.get(i), level.get(i + 1)));
            }
            level = next;
        }

        assertThat(level.getFirst().get()).isEqualTo(256);
    }

    @Test
    void scatteredValuesAreOnWorkersAndServeAsArguments() throws Exception {
        Future<List<String>> list = client.scatter(List.of("a", "b"));
        List<Future<Integer>> numbers = client.scatterAll(List.of(1, 2, 3, 4));

        assertThat(list.status()).isEqualTo(FutureStatus.FINISHED);
        assertThat(client.submit(List::size, list).get()).isEqualTo(2);
        assertThat(client.gather(numbers)).containsExactly(1, 2, 3, 4);
        List<Future<Integer>> squares = client.mapFutures(x -> x * x, numbers);
        assertThat(client.gather(squares)).containsExactly(1, 4, 9, 16);
    }

    @Test
    void aBroadcastValueIsOnAllWorkers() throws Exception {
        Future<String> everywhere = client.scatter("x", ScatterOptions.DEFAULT.broadcast(true));

        Await.until(
                "both workers have it",
                () -> client.whoHas(List.of(everywhere)).get(everywhere.key()).size() == 2);
        assertThat(everywhere.get()).isEqualTo("x");
    }

    @Test
    void getGivesUpAtItsTimeoutAndTheTaskGoesOn() throws Exception {
        Future<Integer> slow = client.submit(() -> Gates.pass("timeout", 7));

        assertThatThrownBy(() -> slow.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> client.gather(List.of(slow), Duration.ofMillis(50)))
                .isInstanceOf(TimeoutException.class);
        assertThat(slow.isDone()).isFalse();
        Gates.open("timeout");
        assertThat(slow.get()).isEqualTo(7);
    }

    @Test
    void aCancelledTaskAndWhatNeedsItAreCancelled() throws Exception {
        Future<Integer> first = client.submit(() -> Gates.pass("cancel", 1));
        Future<Integer> second = client.submit(x -> x + 1, first);

        assertThat(first.cancel(true)).isTrue();

        assertThat(first.isCancelled()).isTrue();
        assertThat(first.cancel(true)).isFalse();
        assertThatThrownBy(first::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> second.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> client.gather(List.of(first))).isInstanceOf(CancellationException.class);
        Gates.open("cancel");
    }

    @Test
    void whatIsDoneCannotBeCancelledByItsFuture() throws Exception {
        Future<Integer> done = client.submit(() -> 1);
        done.get();

        assertThat(done.cancel(true)).isFalse();
        assertThat(done.get()).isEqualTo(1);
    }

    private static int throwsDeepInside() {
        throw new IllegalStateException("boom");
    }

    @Test
    void anExceptionComesWithTheStackTraceOfTheWorker() throws Exception {
        Future<Integer> failing = client.submit(() -> throwsDeepInside());

        assertThatThrownBy(failing::get)
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining(failing.key())
                .hasMessageContaining("boom")
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("boom")
                .satisfies(cause -> assertThat(cause.getStackTrace())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("throwsDeepInside"));
        assertThat(failing.isDone()).isTrue();
        assertThat(failing.isCancelled()).isFalse();
        TaskFailedException failure = caught(failing);
        assertThat(failure.key()).isEqualTo(failing.key());
        assertThat(cluster.workers())
                .extracting(w -> w.address())
                .contains(failure.worker().orElseThrow());
    }

    private static TaskFailedException caught(Future<?> future) throws Exception {
        try {
            return new TaskFailedException("none", null, null, new AssertionError(future.get()));
        } catch (TaskFailedException e) {
            return e;
        }
    }

    @Test
    void whatNeedsAFailedTaskFailsForTheSameReason() throws Exception {
        Future<Integer> failing = client.submit(() -> throwsDeepInside());
        Future<Integer> next = client.submit(x -> x + 1, failing);

        assertThatThrownBy(next::get)
                .isInstanceOf(TaskFailedException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("boom");
    }

    private static final AtomicInteger ATTEMPTS = new AtomicInteger();

    @Test
    void aTaskWithRetriesIsTriedAgain() throws Exception {
        ATTEMPTS.set(0);

        Future<Integer> third = client.with(TaskOptions.DEFAULT.retries(2)).submit(() -> {
            if (ATTEMPTS.incrementAndGet() < 3) {
                throw new IOException("not yet");
            }
            return ATTEMPTS.get();
        });

        assertThat(third.get()).isEqualTo(3);
    }

    @Test
    void aResultThatDoesNotSerializeIsAFailureThatNamesItsClass() {
        Future<Object> unsent = client.submit(Object::new);

        assertThatThrownBy(unsent::get)
                .isInstanceOf(java.util.concurrent.ExecutionException.class)
                .hasMessageContaining("java.lang.Object");
    }

    @Test
    void aFutureIsACompletableFuture() throws Exception {
        CompletableFuture<Integer> good =
                client.submit(() -> Gates.pass("completable", 20)).toCompletableFuture();
        CompletableFuture<String> chained = good.thenApply(x -> x + 1).thenApply(String::valueOf);
        assertThat(chained).isNotDone();
        Gates.open("completable");

        assertThat(chained.get()).isEqualTo("21");
        CompletableFuture<Integer> bad = client.submit(() -> throwsDeepInside()).toCompletableFuture();
        assertThatThrownBy(bad::get)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("boom");
    }

    @Test
    void cancellingTheCompletableFutureCancelsTheTask() throws Exception {
        Future<Integer> future = client.submit(() -> Gates.pass("cancel-completable", 1));
        future.toCompletableFuture().cancel(true);

        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        Gates.open("cancel-completable");
    }

    @Test
    void aCompletableFutureIsAnArgument() throws Exception {
        var here = new CompletableFuture<String>();
        Future<String> there = client.fromCompletionStage(here);
        Future<Integer> length = client.submit(String::length, there);
        Future<Integer> twice = client.submit((a, b) -> a + b, length, length);
        assertThat(twice.isDone()).isFalse();

        here.complete("four");

        assertThat(twice.get()).isEqualTo(8);
        assertThat(there.get()).isEqualTo("four");
    }

    @Test
    void whenDoneIsCalledForEveryOutcome() throws Exception {
        List<FutureStatus> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
        client.submit(() -> 1).whenDone(f -> seen.add(f.status()));
        client.submit(() -> throwsDeepInside()).whenDone(f -> seen.add(f.status()));
        Future<Integer> cancelled = client.submit(() -> Gates.pass("when-done", 1));
        cancelled.whenDone(f -> seen.add(f.status()));
        cancelled.cancel(true);

        Await.until("all three are told", () -> seen.size() == 3);
        assertThat(seen).containsExactlyInAnyOrder(FutureStatus.FINISHED, FutureStatus.ERROR, FutureStatus.CANCELLED);
        Gates.open("when-done");
    }

    @Test
    void aSecondClientPicksUpAResultThatTheFirstLeaves() throws Exception {
        Future<String> first = client.with(TaskOptions.DEFAULT.key("shared")).submit(() -> "for both");
        first.get();
        try (Client other = cluster.client()) {
            Future<String> second = other.future("shared");
            assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("for both");
            client.close();
            Await.until(
                    "the first has left", () -> cluster.scheduler().snapshot().clients() == 1);

            assertThat(second.get()).isEqualTo("for both");
            assertThat(other.submit(String::length, second).get()).isEqualTo(8);
        }
    }

    @Test
    void aClosedFutureIsForgottenByTheCluster() throws Exception {
        Future<Integer> future = client.submit(() -> 1);
        future.get();
        assertThat(client.whoHas(List.of(future)).get(future.key())).isNotEmpty();

        future.close();

        Await.until(
                "the scheduler forgets it", () -> cluster.scheduler().snapshot().knownTasks() == 0);
    }

    @Test
    void aTaskKnowsWhereItRuns() throws Exception {
        String second = cluster.workers().get(1).address();

        Future<String> where = client.with(TaskOptions.DEFAULT.workers(second))
                .submit(() -> TaskContext.current().workerAddress());

        assertThat(where.get()).isEqualTo(second);
    }

    @Test
    void resultsAlsoComeThroughTheScheduler() throws Exception {
        try (Client far = Client.connect(cluster.schedulerAddress(), ClientOptions.DEFAULT.directToWorkers(false))) {
            List<Future<Integer>> futures = far.map(x -> -x, List.of(1, 2, 3));

            assertThat(far.gather(futures)).containsExactly(-1, -2, -3);
        }
    }

    @Test
    void theSchedulerSaysWhoWorksForIt() throws Exception {
        SchedulerInfo info = client.schedulerInfo();

        assertThat(info.address()).isEqualTo(cluster.schedulerAddress());
        assertThat(info.nthreads()).isEqualTo(4);
        assertThat(info.workers()).extracting(SchedulerInfo.WorkerInfo::name).containsExactly("local-0", "local-1");
        client.waitForWorkers(2, Duration.ofSeconds(10));
        assertThatThrownBy(() -> client.waitForWorkers(3, Duration.ofMillis(50)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("2 of 3");
    }

    @Test
    void aTaskForAResourceNobodyHasCountsAsUnrunnableUntilSomebodyHas() throws Exception {
        try (LocalCluster small =
                        LocalCluster.builder().workers(1).threadsPerWorker(1).start();
                Client own = small.client()) {
            Future<String> future =
                    own.with(TaskOptions.DEFAULT.resource("GPU", 1)).submit(() -> "drawn");
            Await.until("it is unrunnable", () -> small.scheduler().snapshot().tasks(TaskStatus.NO_WORKER) == 1);
            assertThat(own.submit(() -> "beside").get()).isEqualTo("beside");

            small.addWorker(Map.of("GPU", 2.0));

            assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("drawn");
        }
    }

    @Test
    void withoutAWorkerOfItsKindATaskWaitsAsUnrunnable() throws Exception {
        try (LocalCluster empty = LocalCluster.builder().workers(0).start();
                Client own = empty.client()) {
            List<Future<Integer>> futures = own.map(x -> x + 1, List.of(1, 2, 3));
            Await.until(
                    "they are unrunnable", () -> empty.scheduler().snapshot().unrunnable() == 3);

            empty.addWorker();

            assertThat(own.gather(futures)).containsExactly(2, 3, 4);
        }
    }
}
