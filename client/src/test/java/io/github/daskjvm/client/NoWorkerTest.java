package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NoWorkerTest {
    private static SchedulerConfig impatient() {
        SchedulerConfig usual = SchedulerConfig.DEFAULT;
        return new SchedulerConfig(
                usual.allowedFailures(),
                usual.workerSaturation(),
                usual.unknownTaskDuration(),
                usual.defaultTaskDurations(),
                Duration.ofMillis(100),
                usual.bandwidthBytesPerSecond(),
                true);
    }

    @Test
    void aTaskThatNoWorkerMayRunEndsAndTheNextRuns() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder()
                        .workers(0)
                        .schedulerConfig(impatient())
                        .start();
                Client client = cluster.client()) {
            Future<Integer> alone = client.submit(() -> 1);
            assertThatThrownBy(() -> alone.get(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            NoWorkerException.class, e -> assertThat(e.key()).isEqualTo(alone.key()));
            cluster.addWorker();
            client.waitForWorkers(1, Duration.ofSeconds(30));
            assertThat(client.submit(() -> 2).get(30, TimeUnit.SECONDS)).isEqualTo(2);
            Future<Integer> unable =
                    client.with(TaskOptions.DEFAULT.resource("GPU", 1)).submit(() -> 3);
            assertThatThrownBy(() -> unable.get(30, TimeUnit.SECONDS)).isInstanceOf(NoWorkerException.class);
        }
    }
}
