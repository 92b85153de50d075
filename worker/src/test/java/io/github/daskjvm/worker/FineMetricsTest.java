package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.daskjvm.core.model.TaskKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FineMetricsTest {
    private final FineMetrics metrics = new FineMetrics();

    private static Object execute(String prefix, String label) {
        return List.of("execute", prefix, label, "seconds");
    }

    @Test
    void whatATaskTookIsTheSumOfItsActivities() {
        var times = new TaskTimes();
        times.executorNanos = 500_000_000;
        times.deserializeNanos = 2_000_000_000;
        times.startCpuNanos = 1_000_000_000;
        times.deserializedCpuNanos = 2_500_000_000L;
        metrics.task(TaskKey.of("inc-1"), "s1", times, 10, 4.5, null);
        metrics.task(TaskKey.of("inc-2"), "s2", new TaskTimes(), 1, 1, null);

        FineMetrics.Taken taken = metrics.take();

        assertThat(taken.digests())
                .containsEntry(execute("inc", "executor"), 0.5)
                .containsEntry(execute("inc", "deserialize"), 2.0)
                .containsEntry(execute("inc", "thread-cpu"), 3.0 + 1)
                .containsEntry(execute("inc", "thread-noncpu"), 5.0)
                .hasSize(4);
        assertThat(taken.ofSpans())
                .containsEntry(List.of("execute", "s1", "inc", "thread-cpu", "seconds"), 3.0)
                .containsEntry(List.of("execute", "s2", "inc", "thread-cpu", "seconds"), 1.0)
                .hasSize(4 + 3);
        assertThat(metrics.take().digests()).isEmpty();
    }

    @Test
    void aFailedOrCancelledTaskHasOneTime() {
        var failed = new TaskTimes();
        failed.outcome = TaskTimes.Outcome.FAILED;
        failed.executorNanos = 1_000_000_000;
        metrics.task(TaskKey.of("inc-1"), null, failed, 2, 1, null);
        var cancelled = new TaskTimes();
        cancelled.outcome = TaskTimes.Outcome.CANCELLED;
        metrics.task(TaskKey.of("inc-2"), null, cancelled, 4, 1, null);

        FineMetrics.Taken taken = metrics.take();

        assertThat(taken.digests()).isEqualTo(Map.of(execute("inc", "failed"), 3.0, execute("inc", "cancelled"), 4.0));
        assertThat(taken.ofSpans()).isEmpty();
    }

    @Test
    void transfersThatBroughtNothingAreToldApart() {
        metrics.gathered(2_000_000, 0.5);
        metrics.gathered(0, 0.25);
        metrics.notGathered(true, 0.125);
        metrics.notGathered(false, 1);

        Map<Object, Number> digests = metrics.take().digests();

        assertThat(digests)
                .containsEntry(List.of("gather-dep", "network", "seconds"), 0.5)
                .containsEntry(List.of("gather-dep", "network", "bytes"), 2_000_000L)
                .containsEntry(List.of("gather-dep", "missing", "seconds"), 0.25)
                .containsEntry(List.of("gather-dep", "busy", "seconds"), 0.125)
                .containsEntry(List.of("gather-dep", "failed", "seconds"), 1.0);
        assertThat(digests.get("transfer-bandwidth").doubleValue()).isCloseTo(4e6, within(1.0));
    }

    @Test
    void beyondTheBoundPrefixesAreTogether() {
        for (int i = 0; i < 600; i++) {
            metrics.task(
                    TaskKey.of("prefix" + (char) ('a' + i % 26) + i / 26 + "x-1"),
                    "s" + i,
                    new TaskTimes(),
                    1,
                    1,
                    null);
        }

        FineMetrics.Taken taken = metrics.take();

        assertThat(taken.digests()).containsEntry(execute("(other)", "thread-cpu"), 100.0);
        assertThat(taken.ofSpans()).hasSize(500 * 3);
    }
}
