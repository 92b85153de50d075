package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.RpcPool;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaterializerPoolTest {
    private final RpcPool rpc = new RpcPool(null, Duration.ofSeconds(5));
    private final Map<String, Double> load = new HashMap<>();
    private final MaterializerPool pool = new MaterializerPool(rpc, worker -> load.getOrDefault(worker, 0.0));

    @AfterEach
    void close() {
        pool.close();
        rpc.close();
    }

    private static MaterializedGraph get(CompletableFuture<MaterializedGraph> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
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
            var graph = pool.submit(Recordings.request("submit"));
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

            assertThat(get(pool.submit(Recordings.request("submit"))).worker()).isEqualTo(idle.address);
            pool.workerLeft(idle.address);
            assertThat(get(pool.submit(Recordings.request("submit"))).worker()).isEqualTo(busy.address);
            pool.workerLeft(busy.address);
            assertThat(get(pool.submit(Recordings.request("submit"))).worker()).isEqualTo(paused.address);
            pool.workerLeft(paused.address);
            assertThat(get(pool.submit(Recordings.request("submit"))).worker()).isEqualTo(other.address);
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
            var first = pool.submit(Recordings.request("submit"));
            var second = pool.submit(Recordings.request("submit"));
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
            var graph = pool.submit(Recordings.request("submit"));
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
            var graph = pool.submit(Recordings.request("submit"));
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

        var graph = pool.submit(Recordings.request("submit"));

        assertThatThrownBy(() -> get(graph))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(GraphFailure.class)
                .hasMessageContaining("4 workers were lost");
    }

    @Test
    void aWorkerThatRefusesIsPassedOverAndOnlyRefusalIsAFailure() throws Exception {
        String text = "ValueError(\"The 'run' handler has been explicitly disallowed in Worker\")";
        try (var refusing = new FakePythonWorker((f, a) -> FakePythonWorker.error("uncaught-error", text));
                var other = answering()) {
            load.put(other.address, 1.0);
            pool.workerJoined(refusing.address, WorkerDialect.OF_2024_12);
            pool.workerJoined(other.address, WorkerDialect.OF_2024_12);
            assertThat(get(pool.submit(Recordings.request("submit"))).worker()).isEqualTo(other.address);

            pool.workerLeft(other.address);
            var graph = pool.submit(Recordings.request("submit"));
            assertThatThrownBy(() -> get(graph)).cause().hasMessageContaining("blocked-handlers");
        }
    }

    @Test
    void aGraphThatIsTakenOutIsNotUnpackedLater() throws Exception {
        var graph = pool.submit(Recordings.request("submit"));
        graph.cancel(true);
        assertThat(pool.waitingKeys()).isZero();

        try (var worker = answering()) {
            pool.workerJoined(worker.address, WorkerDialect.OF_2024_12);
            get(pool.submit(Recordings.request("submit")));
            assertThat(worker.calls).hasSize(1);
        }
    }

    @Test
    void closingCancelsWhatWaits() throws Exception {
        var graph = pool.submit(Recordings.request("submit"));
        pool.close();

        assertThatThrownBy(() -> get(graph)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> get(pool.submit(Recordings.request("submit"))))
                .isInstanceOf(CancellationException.class);
    }
}
