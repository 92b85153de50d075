package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.MsgpackWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaterializerPoolTest {
    private final RpcPool rpc = new RpcPool(null, Duration.ofSeconds(5));
    private final Map<String, Double> load = new HashMap<>();
    private final MaterializerPool pool =
            new MaterializerPool(rpc, worker -> load.getOrDefault(worker, 0.0), Duration.ZERO);

    @AfterEach
    void close() {
        pool.close();
        rpc.close();
    }

    private CompletableFuture<List<GraphOutcome>> submitOne() throws Exception {
        return pool.submit(List.of(Recordings.request("submit")));
    }

    private static MaterializedGraph get(CompletableFuture<List<GraphOutcome>> future) throws Exception {
        return ((GraphOutcome.Done) future.get(20, TimeUnit.SECONDS).getFirst()).graph();
    }

    private static GraphFailure failure(CompletableFuture<List<GraphOutcome>> future) throws Exception {
        return ((GraphOutcome.Failed) future.get(20, TimeUnit.SECONDS).getLast()).failure();
    }

    private static FakePythonWorker answering() throws Exception {
        return new FakePythonWorker(FakePythonWorker.pages("submit"));
    }

    /// Answers only when the latch opens.
    private static FakePythonWorker stuck(CountDownLatch reached, CountDownLatch latch) throws Exception {
        return new FakePythonWorker((function, arguments) -> {
            reached.countDown();
            latch.await(20, TimeUnit.SECONDS);
            return FakePythonWorker.pages("submit").call(function, arguments);
        });
    }

    @Test
    void aGraphWaitsForTheFirstWorkerAndCountsAsDemandUntilThen() throws Exception {
        try (var worker = answering()) {
            var graph = submitOne();
            assertThat(graph).isNotDone();
            assertThat(pool.waitingKeys()).isEqualTo(1);

            pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);

            assertThat(get(graph).worker()).isEqualTo(worker.address);
            assertThat(pool.waitingKeys()).isZero();
        }
    }

    @Test
    void theLeastBusyRunningWorkerOfTheClientsDaskIsTaken() throws Exception {
        try (var busy = answering();
                var idle = answering();
                var paused = answering();
                var other = answering()) {
            load.put(busy.address, 5.0);
            load.put(idle.address, 1.0);
            for (var worker : new FakePythonWorker[] {busy, idle, paused}) {
                pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);
            }
            pool.workerJoined(other.address, WorkerDialect.OF_2026_7);
            pool.workerRunning(paused.address, false);

            assertThat(get(submitOne()).worker()).isEqualTo(idle.address);
            pool.workerLeft(idle.address);
            assertThat(get(submitOne()).worker()).isEqualTo(busy.address);
            pool.workerLeft(busy.address);
            assertThat(get(submitOne()).worker()).isEqualTo(paused.address);
            pool.workerLeft(paused.address);
            assertThat(get(submitOne()).worker()).isEqualTo(other.address);
        }
    }

    @Test
    void graphsSpreadOverWorkers() throws Exception {
        var latch = new CountDownLatch(1);
        var reached = new CountDownLatch(2);
        try (var a = stuck(reached, latch);
                var b = stuck(reached, latch)) {
            pool.workerJoined(a.address, WorkerDialect.OF_2024_12);
            pool.workerJoined(b.address, WorkerDialect.OF_2024_12);
            var first = submitOne();
            var second = submitOne();
            latch.countDown();

            assertThat(get(first).worker()).isNotEqualTo(get(second).worker());
        }
    }

    @Test
    void whatADeadWorkerHadBegunGoesToAnother() throws Exception {
        var reached = new CountDownLatch(1);
        try (var dying = stuck(reached, new CountDownLatch(1));
                var other = answering()) {
            pool.workerJoined(dying.address, WorkerDialect.OF_2024_12);
            var graph = submitOne();
            reached.await();
            pool.workerJoined(other.address, WorkerDialect.OF_2024_12);
            dying.close();

            assertThat(get(graph).worker()).isEqualTo(other.address);
        }
    }

    @Test
    void aWorkerThatLeftIsNotWaitedForThoughItsConnectionStands() throws Exception {
        var reached = new CountDownLatch(1);
        try (var silent = stuck(reached, new CountDownLatch(1));
                var other = answering()) {
            pool.workerJoined(silent.address, WorkerDialect.OF_2024_12);
            var graph = submitOne();
            reached.await();
            pool.workerLeft(silent.address);
            pool.workerJoined(other.address, WorkerDialect.OF_2024_12);

            assertThat(get(graph).worker()).isEqualTo(other.address);
        }
    }

    @Test
    void aGraphThatEndsEveryWorkerFailsInTheEnd() throws Exception {
        var gone = answering();
        gone.close();
        pool.workerJoined(gone.address, WorkerDialect.OF_2024_12);

        var graph = submitOne();

        assertThat(failure(graph)).hasMessageContaining("4 workers were lost");
    }

    @Test
    void aWorkerThatRefusesIsPassedOverAndOnlyRefusalIsAFailure() throws Exception {
        String text = "ValueError(\"The 'run' handler has been explicitly disallowed in Worker\")";
        try (var refusing = new FakePythonWorker((f, a) -> FakePythonWorker.error("uncaught-error", text));
                var other = answering()) {
            load.put(other.address, 1.0);
            pool.workerJoined(refusing.address, WorkerDialect.OF_2024_12);
            pool.workerJoined(other.address, WorkerDialect.OF_2024_12);
            assertThat(get(submitOne()).worker()).isEqualTo(other.address);

            pool.workerLeft(other.address);
            var graph = submitOne();
            assertThat(failure(graph)).hasMessageContaining("blocked-handlers");
        }
    }

    @Test
    void aGraphThatIsTakenOutIsNotUnpackedLater() throws Exception {
        var graph = submitOne();
        graph.cancel(true);
        assertThat(pool.waitingKeys()).isZero();

        try (var worker = answering()) {
            pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);
            get(submitOne());
            assertThat(worker.calls).hasSize(1);
        }
    }

    /// Answers what comes in one round trip; what the test says for a graph, by its number.
    private static FakePythonWorker together(Map<Integer, Map<String, Object>> except) throws Exception {
        return new FakePythonWorker((function, arguments) -> {
            if (!function.equals("materialize_each")) {
                return FakePythonWorker.pages("submit").call(function, arguments);
            }
            var answers = new MsgpackWriter(256);
            int count = ((List<?>) arguments.getFirst()).size();
            answers.arrayHeader(count);
            for (int i = 0; i < count; i++) {
                answers.value(except.getOrDefault(i, Map.of("page", Recordings.bytes("submit.page-0"))));
            }
            return FakePythonWorker.bytes(answers.toByteArray());
        });
    }

    @Test
    void smallGraphsGoTogetherAndOneThatFailsFailsAlone() throws Exception {
        GraphRequest request = Recordings.request("submit");
        assertThat(request.isSmall()).isTrue();
        assertThat(Recordings.request("chain").isSmall()).isFalse();
        byte[] exception = {1, 2, 3};
        try (var worker = together(Map.of(1, Map.of("exception", exception, "text", "no")))) {
            pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);

            var outcomes = pool.submit(List.of(request, request, request)).get(20, TimeUnit.SECONDS);

            assertThat(outcomes)
                    .satisfiesExactly(
                            first -> assertThat(first).isInstanceOf(GraphOutcome.Done.class),
                            second -> assertThat(((GraphOutcome.Failed) second)
                                            .failure()
                                            .exception())
                                    .isEqualTo(exception),
                            third -> assertThat(third).isInstanceOf(GraphOutcome.Done.class));
            assertThat(worker.calls).containsExactly("materialize_each");
        }
    }

    @Test
    void graphsThatEndedAWorkerTogetherAreTriedAlone() throws Exception {
        GraphRequest request = Recordings.request("submit");
        var reached = new CountDownLatch(1);
        try (var dying = stuck(reached, new CountDownLatch(1));
                var other = together(Map.of())) {
            pool.workerJoined(dying.address, WorkerDialect.OF_2024_12);
            var graphs = pool.submit(List.of(request, request));
            reached.await();
            pool.workerJoined(other.address, WorkerDialect.OF_2024_12);
            dying.close();

            assertThat(graphs.get(20, TimeUnit.SECONDS)).hasSize(2).hasOnlyElementsOfType(GraphOutcome.Done.class);
            assertThat(other.calls).containsExactly("materialize", "materialize");
        }
    }

    @Test
    void anAnswerForTooFewGraphsIsAskedForAgainOneByOne() throws Exception {
        GraphRequest request = Recordings.request("submit");
        try (var worker = new FakePythonWorker((function, arguments) -> function.equals("materialize_each")
                ? FakePythonWorker.bytes(new byte[] {(byte) 0x90})
                : FakePythonWorker.pages("submit").call(function, arguments))) {
            pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);

            assertThat(pool.submit(List.of(request, request)).get(20, TimeUnit.SECONDS))
                    .hasOnlyElementsOfType(GraphOutcome.Done.class);
            assertThat(worker.calls).containsExactly("materialize_each", "materialize", "materialize");
        }
    }

    @Test
    void closingCancelsWhatWaits() throws Exception {
        var graph = submitOne();
        pool.close();

        assertThatThrownBy(() -> get(graph)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> get(submitOne())).isInstanceOf(CancellationException.class);
    }
}
