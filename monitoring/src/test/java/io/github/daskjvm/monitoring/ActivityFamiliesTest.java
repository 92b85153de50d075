package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Fine performance metrics as counters.
class ActivityFamiliesTest {
    private final Map<List<@Nullable Object>, Number> metrics = new LinkedHashMap<>();
    private int others;

    private void put(Number value, @Nullable Object... name) {
        metrics.put(Arrays.asList(name), value);
    }

    private Map<String, Double> scrape() throws IOException {
        var page = new ByteArrayOutputStream();
        new FamiliesRenderer("dask", families -> {
                    families.subsystem("scheduler");
                    others = ActivityFamilies.add(families, metrics);
                })
                .write(MetricFormat.TEXT, page);
        Scraped scraped = Scraped.of(page.toString(StandardCharsets.UTF_8));
        scraped.samples().keySet().removeIf(sample -> !sample.startsWith("dask_"));
        return scraped.samples();
    }

    @Test
    void eachUnitHasAFamilyAndOnlyTasksHaveAPrefix() throws IOException {
        metrics.putAll(Samples.activities());
        assertThat(scrape())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "dask_scheduler_activity_seconds_total{activity=\"thread-cpu\",context=\"execute\",task_prefix_name=\"inc\"}",
                        1.5,
                        "dask_scheduler_activity_seconds_total{activity=\"other\",context=\"execute\",task_prefix_name=\"inc\"}",
                        0.0,
                        "dask_scheduler_activity_seconds_total{activity=\"network\",context=\"gather-dep\"}",
                        0.25,
                        "dask_scheduler_activity_bytes_total{activity=\"network\",context=\"gather-dep\"}",
                        1e6,
                        "dask_scheduler_activity_bytes_total{activity=\"disk-read\",context=\"execute\",task_prefix_name=\"inc\"}",
                        4096.0,
                        "dask_scheduler_activity_count_total{activity=\"disk-read\",context=\"execute\",task_prefix_name=\"inc\"}",
                        3.0));
        assertThat(others).isZero();
    }

    @Test
    void combinationsBeyondTheBoundShareOneOfTheirContext() throws IOException {
        for (int i = 0; i < ActivityFamilies.COMBINATIONS_MAX + 30; i++) {
            put(2, "execute", "p" + i, "thread-cpu", "seconds");
        }
        for (int i = 0; i < 500; i++) {
            put(1, "context" + i, "a", "seconds");
        }
        Map<String, Double> samples = scrape();
        assertThat(samples)
                .containsEntry(
                        "dask_scheduler_activity_seconds_total{activity=\"other\",context=\"execute\",task_prefix_name=\"other\"}",
                        60.0)
                .containsEntry("dask_scheduler_activity_seconds_total{activity=\"other\",context=\"context7\"}", 1.0)
                .hasSizeBetween(ActivityFamilies.COMBINATIONS_MAX + 10, ActivityFamilies.COMBINATIONS_MAX + 60);
        assertThat(samples.values().stream().mapToDouble(each -> each).sum())
                .isEqualTo(2 * (ActivityFamilies.COMBINATIONS_MAX + 30) + 500);
        assertThat(others).isEqualTo(530);
    }

    @Test
    void whatWorkersMakeUpDoesNotBreakThePage() throws IOException {
        put(Double.NaN, "execute", "p", "a", "seconds");
        put(Double.POSITIVE_INFINITY, "execute", "p", "b", "seconds");
        put(-5, "execute", "p", "c", "seconds");
        put(5, "execute", "p", "d", "furlongs");
        put(5, "execute", null, 7, "seconds");
        put(5, "x".repeat(1000), "y".repeat(1000), "seconds");
        put(5, "seconds");
        assertThat(scrape())
                .hasSize(5)
                .containsEntry(
                        "dask_scheduler_activity_seconds_total{activity=\"c\",context=\"execute\",task_prefix_name=\"p\"}",
                        0.0)
                .containsEntry(
                        "dask_scheduler_activity_seconds_total{activity=\"other\",context=\"execute\",task_prefix_name=\"other\"}",
                        5.0)
                .containsEntry("dask_scheduler_activity_seconds_total{activity=\"other\",context=\"other\"}", 5.0);
    }
}
