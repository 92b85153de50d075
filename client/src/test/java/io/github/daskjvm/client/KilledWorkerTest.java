package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of results and tasks when the process that had them is killed.
@Timeout(60)
class KilledWorkerTest {
    @Test
    void whatAKilledWorkerHeldIsComputedAgain() throws Exception {
        try (LocalCluster mixed =
                        LocalCluster.builder().workers(0).threadsPerWorker(1).start();
                Client own = mixed.client();
                WorkerProcess doomed = WorkerProcess.start(mixed.schedulerAddress(), "doomed")) {
            own.waitForWorkers(1, Duration.ofSeconds(30));
            List<Integer> values = new ArrayList<>();
            List<Integer> expected = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                values.add(i);
                expected.add(2 * (i + 1));
            }
            List<Future<Integer>> held = own.map(x -> x + 1, values);
            own.gather(held);
            mixed.addWorker();
            doomed.kill();

            List<Future<Integer>> doubled = own.mapFutures(x -> 2 * x, held);

            assertThat(own.gather(doubled, Duration.ofSeconds(30))).isEqualTo(expected);
            assertThat(held.getFirst().get(20, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    /// Sleeps in any process but that of the test.
    private static int slowElsewhere(long testProcess, int value) throws InterruptedException {
        if (ProcessHandle.current().pid() != testProcess) {
            TimeUnit.SECONDS.sleep(60);
        }
        return value;
    }

    @Test
    void whatAKilledWorkerWasDoingIsDoneElsewhere() throws Exception {
        long here = ProcessHandle.current().pid();
        try (LocalCluster mixed =
                        LocalCluster.builder().workers(0).threadsPerWorker(1).start();
                Client own = mixed.client();
                WorkerProcess doomed = WorkerProcess.start(mixed.schedulerAddress(), "doomed")) {
            own.waitForWorkers(1, Duration.ofSeconds(30));
            List<Future<Integer>> futures = own.map(x -> slowElsewhere(here, x), List.of(1, 2, 3));
            Future<Integer> sum = own.submit(
                    (List<Integer> all) -> all.stream().mapToInt(x -> x).sum(), futures);
            Await.until(
                    "they are being computed",
                    () -> mixed.scheduler().snapshot().workers().stream().anyMatch(worker -> worker.processing() > 0));
            mixed.addWorker();
            doomed.kill();

            assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(6);
        }
    }

    @Test
    void aTaskThatTakesItsWorkersDownIsGivenUpAndTheClusterGoesOn() throws Exception {
        long here = ProcessHandle.current().pid();
        SchedulerConfig usual = SchedulerConfig.DEFAULT;
        var strict = new SchedulerConfig(
                0,
                usual.workerSaturation(),
                usual.unknownTaskDuration(),
                usual.defaultTaskDurations(),
                usual.noWorkersTimeout(),
                usual.bandwidthBytesPerSecond(),
                true);
        try (LocalCluster mixed = LocalCluster.builder()
                        .workers(0)
                        .schedulerConfig(strict)
                        .start();
                Client own = mixed.client();
                WorkerProcess doomed = WorkerProcess.start(mixed.schedulerAddress(), "doomed")) {
            own.waitForWorkers(1, Duration.ofSeconds(30));
            Future<Integer> fatal = own.submit(() -> slowElsewhere(here, 1));
            Future<Integer> next = fatal.thenApply(x -> x + 1);
            Await.until(
                    "it is being computed",
                    () -> mixed.scheduler().snapshot().workers().stream().anyMatch(worker -> worker.processing() > 0));
            String address = mixed.scheduler().snapshot().workers().getFirst().address();
            doomed.kill();

            var lost = catchThrowableOfType(KilledWorkerException.class, () -> next.get(30, TimeUnit.SECONDS));
            assertThat(lost.key()).isEqualTo(next.key());
            assertThat(lost.failedKey()).isEqualTo(fatal.key());
            assertThat(lost.function()).isEqualTo(TaskKey.of(fatal.key()).prefix());
            assertThat(lost.worker()).contains(address);
            assertThat(lost.killedWorkers()).isEqualTo(1);
            assertThat(lost.remoteClassName()).isEqualTo("distributed.scheduler.KilledWorker");
            assertThat(lost)
                    .hasMessageContaining(fatal.key())
                    .hasMessageContaining("1 worker died while running it, the last was " + address);
            mixed.addWorker();
            assertThat(own.submit(() -> 2).get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }
}
