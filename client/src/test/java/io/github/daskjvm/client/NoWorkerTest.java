package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

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
            var none = catchThrowableOfType(NoWorkerException.class, () -> alone.get(30, TimeUnit.SECONDS));
            assertThat(none.key()).isEqualTo(alone.key());
            assertThat(none.failedKey()).isEqualTo(alone.key());
            assertThat(none.waited()).isEqualTo(Duration.ofMillis(100));
            assertThat(none.allowedWorkers()).isEmpty();
            cluster.addWorker();
            client.waitForWorkers(1, Duration.ofSeconds(30));
            assertThat(client.submit(() -> 2).get(30, TimeUnit.SECONDS)).isEqualTo(2);
            Future<Integer> unable = client.with(
                            TaskOptions.DEFAULT.resource("GPU", 1).workers("elsewhere", "tcp://127.0.0.1:1"))
                    .submit(() -> 3);
            Future<Integer> next = unable.thenApply(x -> x + 1);
            var invalid = catchThrowableOfType(NoWorkerException.class, () -> next.get(30, TimeUnit.SECONDS));
            assertThat(invalid.key()).isEqualTo(next.key());
            assertThat(invalid.failedKey()).isEqualTo(unable.key());
            assertThat(invalid.allowedWorkers()).containsExactly("elsewhere", "tcp://127.0.0.1:1");
            assertThat(invalid.neededResources()).containsExactly(entry("GPU", 1.0));
            assertThat(invalid).hasMessageContaining("{GPU=1.0}").hasMessageContaining(unable.key());
        }
    }
}
