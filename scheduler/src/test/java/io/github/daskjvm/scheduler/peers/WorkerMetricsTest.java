package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.MetricSums;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
    private static final List<Object> FINE = List.of("execute", "inc", "thread-cpu", "seconds");

    private static Map<?, ?> heartbeat(Map<?, ?> digests) {
        return Map.of("digests_total_since_heartbeat", digests);
    }

    @Test
    void heartbeatsAddUp() {
        var metrics = new WorkerMetrics();
        metrics.add(heartbeat(Map.of("latency", 0.5, FINE, 1.25)));
        metrics.add(heartbeat(Map.of(FINE, 0.75, List.of("get-dep", "count"), 2L)));
        metrics.add(heartbeat(Map.of(List.of("get-dep", "count"), 3L)));
        metrics.add(Map.of());

        Map<List<Object>, Number> sums = Map.copyOf(metrics.sums());
        assertThat(sums).isEqualTo(Map.of(List.of("latency"), 0.5, FINE, 2.0, List.of("get-dep", "count"), 5L));
    }

    @Test
    void whatIsNoMetricIsPassedOver() {
        var metrics = new WorkerMetrics();
        metrics.add(heartbeat(Map.of(
                "a", "text", List.of(), 1, List.of(Map.of()), 1, "x".repeat(2_000), 1, List.of("b", List.of()), 1)));
        metrics.add(Map.of("digests_total_since_heartbeat", "nothing"));

        assertThat(metrics.sums()).isEmpty();
    }

    @Test
    void aMillionPrefixesTakeNoMoreThanThereIsRoomFor() {
        var metrics = new WorkerMetrics();
        for (int i = 0; i < 2 * WorkerMetrics.METRICS_MAX; i++) {
            metrics.add(heartbeat(Map.of(List.of("execute", "prefix " + i, "thread-cpu", "seconds"), 1L)));
        }

        Map<List<@Nullable Object>, Number> sums = metrics.sums();
        assertThat(sums).hasSize(WorkerMetrics.METRICS_MAX + 1);
        assertThat(sums.get(List.of("execute", MetricSums.OTHER, MetricSums.OTHER, "seconds")))
                .isEqualTo((long) WorkerMetrics.METRICS_MAX);
    }

    @Test
    void theSpanIsTakenOutOfTheNames() {
        Map<Object, Object> given = new LinkedHashMap<>();
        given.put(List.of("execute", "id", "inc", "thread-cpu", "seconds"), 0.5);
        given.put(List.of("p2p", "id", "background", "shard", "bytes"), 7L);
        given.put(Arrays.asList("execute", null, "inc", "thread-cpu", "seconds"), 0.5);
        given.put("text", 1);
        given.put(List.of("execute", "id"), "no number");

        assertThat(WorkerMetrics.ofSpans(Map.of("spans", given)))
                .containsExactly(
                        new Event.SpanMetric("id", FINE, 0.5),
                        new Event.SpanMetric("id", List.of("p2p", "background", "shard", "bytes"), 7L));
        assertThat(WorkerMetrics.ofSpans(Map.of("spans", "nothing"))).isEmpty();
        assertThat(WorkerMetrics.ofSpans(Map.of("something else", given))).isEmpty();
    }
}
