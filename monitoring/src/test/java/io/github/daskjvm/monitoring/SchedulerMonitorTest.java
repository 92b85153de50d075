package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchedulerMonitorTest {
    private final AtomicReference<SchedulerSnapshot> snapshot = new AtomicReference<>(Samples.scheduler());
    private final List<SchedulerMonitor> monitors = new ArrayList<>();

    @AfterEach
    void closeAll() {
        monitors.forEach(SchedulerMonitor::close);
    }

    private int start(MonitorOptions options) throws IOException {
        var monitor = SchedulerMonitor.start(
                options,
                new SchedulerMonitor.Sources(
                        snapshot::get,
                        () -> Map.of("type", "Scheduler", "address", "tcp://10.0.0.9:8786", "started", 1.5),
                        Samples::loop,
                        Samples::services));
        monitors.add(monitor);
        return monitor.port();
    }

    private static MonitorOptions options(MetricOptions metrics) {
        return new MonitorOptions("127.0.0.1", 0, metrics, Optional.empty());
    }

    private int start() throws IOException {
        return start(MonitorOptions.at("127.0.0.1", 0));
    }

    private Scraped scrape(int port) {
        var response = Http.get(port, "/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Http.contentType(response)).isEqualTo("text/plain; version=0.0.4");
        return Scraped.of(response.body());
    }

    @Test
    void theMetricsThatAreOwedComeFromTheSnapshot() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_clients", 2.0)
                .containsEntry("dask_scheduler_received_tasks", 26.0)
                .containsEntry("dask_scheduler_unrunnable_tasks", 3.0)
                .containsEntry("dask_scheduler_workers{state=\"idle\"}", 1.0)
                .containsEntry("dask_scheduler_workers{state=\"partially_saturated\"}", 1.0)
                .containsEntry("dask_scheduler_workers{state=\"saturated\"}", 2.0)
                .containsEntry("dask_scheduler_workers{state=\"paused\"}", 1.0)
                .containsEntry("dask_scheduler_workers{state=\"retiring\"}", 1.0);
    }

    @Test
    void theStatesOfWorkersSumToTheirNumber() throws IOException {
        assertThat(scrape(start()).sum("dask_scheduler_workers")).isEqualTo(6.0);
    }

    @Test
    void theStatesOfTasksSumToThoseKnown() throws IOException {
        assertThat(scrape(start()).sum("dask_scheduler_tasks")).isEqualTo(26.0);
    }

    @Test
    void anEmptySchedulerPrintsEveryStateAsZero() throws IOException {
        snapshot.set(SchedulerSnapshot.EMPTY);
        Scraped page = scrape(start());
        assertThat(page.samples())
                .containsEntry("dask_scheduler_workers{state=\"retiring\"}", 0.0)
                .containsEntry("dask_scheduler_tasks{state=\"queued\"}", 0.0)
                .containsEntry("dask_scheduler_unrunnable_tasks", 0.0);
        assertThat(page.samples()).doesNotContainKey("dask_scheduler_tasks{state=\"forgotten\"}");
    }

    @Test
    void todaysOtherFamiliesAreThere() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_client_connections_added_total", 21.0)
                .containsEntry("dask_scheduler_client_connections_removed_total", 19.0)
                .containsEntry("dask_scheduler_workers_added_total", 10.0)
                .containsEntry("dask_scheduler_workers_removed_total", 4.0)
                .containsEntry("dask_scheduler_desired_workers", 8.0)
                .containsEntry("dask_scheduler_task_groups", 4.0)
                .containsEntry("dask_scheduler_tasks_forgotten_total", 13.0)
                .containsEntry("dask_scheduler_tasks_suspicious_total{task_prefix_name=\"inc\"}", 1.0)
                .containsEntry("dask_scheduler_tasks_compute_seconds_total{task_prefix_name=\"inc\"}", 1.5)
                .containsEntry("dask_scheduler_tasks_transfer_seconds_total{task_prefix_name=\"inc\"}", 0.5)
                .containsEntry("dask_scheduler_tasks_output_bytes{task_prefix_name=\"inc\"}", 1024.0)
                .containsEntry(
                        "dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"inc\"}", 6.0)
                .containsEntry("dask_scheduler_tick_count_total", 99.0)
                .containsEntry("dask_scheduler_tick_duration_maximum_seconds", 0.25)
                .containsKeys(
                        "dask_scheduler_gc_collection_seconds_total",
                        "dask_scheduler_last_time_total",
                        "process_resident_memory_bytes",
                        "process_cpu_seconds_total");
    }

    @Test
    void stealRequestsAreCountedByCostMultiplier() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_stealing_request_count_total{cost_multiplier=\"1.0\"}", 14.0)
                .containsEntry("dask_stealing_request_cost_total{cost_multiplier=\"1.0\"}", 2.5)
                .containsEntry("dask_stealing_request_count_total{cost_multiplier=\"1.03125\"}", 0.0)
                .containsEntry("dask_stealing_request_count_total{cost_multiplier=\"2\"}", 15.0);
    }

    @Test
    void whereStealingIsOffItsFamiliesAreAbsent() throws IOException {
        snapshot.set(SchedulerSnapshot.EMPTY);
        assertThat(scrape(start()).text()).doesNotContain("dask_stealing");
    }

    @Test
    void aPrefixMayContainAnything() throws IOException {
        assertThat(scrape(start()).text()).contains("{task_prefix_name=\"a \\\"quoted\\\" one\"} 0.25");
    }

    @Test
    void prefixesBeyondTheBoundShareOneLabel() throws IOException {
        var prefixes = new ArrayList<SchedulerSnapshot.PrefixSnapshot>();
        for (int i = 0; i < SchedulerSnapshot.PREFIXES_MAX + 10; i++) {
            prefixes.add(Samples.prefix("p" + i, i));
        }
        snapshot.set(new SchedulerSnapshot(
                Map.of(),
                List.of(),
                prefixes,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                SchedulerSnapshot.MeasuredSnapshot.NONE));
        Scraped page = scrape(start());
        assertThat(page.samples())
                .containsEntry("dask_scheduler_tasks_suspicious_total{task_prefix_name=\"other\"}", 10.0)
                .containsEntry("dask_scheduler_tasks_suspicious_total{task_prefix_name=\"p499\"}", 1.0)
                .doesNotContainKey("dask_scheduler_tasks_suspicious_total{task_prefix_name=\"p500\"}");
        assertThat(page.sum("dask_scheduler_tasks_suspicious_total")).isEqualTo(510.0);
    }

    @Test
    void anOptionPrintsWorkersWithoutLabel() throws IOException {
        var options = options(new MetricOptions("dask", MetricOptions.Form.DASK_2019, Map.of()));
        assertThat(scrape(start(options)).samples())
                .containsEntry("dask_scheduler_workers", 6.0)
                .doesNotContainKey("dask_scheduler_workers{state=\"idle\"}");
    }

    @Test
    void theNamespaceBeginsEachName() throws IOException {
        var options = options(new MetricOptions("farm", MetricOptions.Form.TODAY, Map.of()));
        Scraped page = scrape(start(options));
        assertThat(page.samples()).containsEntry("farm_scheduler_clients", 2.0);
        assertThat(page.text()).doesNotContain("dask_");
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        Promtool.assertSilent(Http.get(start(), "/metrics").body());
        var old = options(new MetricOptions("dask", MetricOptions.Form.DASK_2019, Map.of()));
        Promtool.assertSilent(Http.get(start(old), "/metrics").body());
    }

    @Test
    void theSitemapNamesEveryRouteAndEachAnswers() throws IOException {
        int port = start();
        var sitemap = Http.get(port, "/sitemap.json");
        assertThat(Http.contentType(sitemap)).isEqualTo("application/json; charset=UTF-8");
        var paths = (List<?>) Json.readObject(sitemap.body()).get("paths");
        assertThat(paths)
                .asString()
                .isEqualTo("[/, /health, /individual-plots.json, /info, /info/main/workers.html, /json/counts.json,"
                        + " /json/identity.json, /json/index.html, /metrics, /sitemap.json, /status]");
        for (Object path : paths) {
            assertThat(Http.get(port, (String) path).statusCode())
                    .as("%s", path)
                    .isIn(200, 302);
        }
    }

    @Test
    void healthIsOk() throws IOException {
        var health = Http.get(start(), "/health");
        assertThat(health.body()).isEqualTo("ok");
        assertThat(Http.contentType(health)).isEqualTo("text/plain; charset=utf-8");
    }

    @Test
    void countsHaveDasksKeys() throws IOException {
        assertThat(Http.get(start(), "/json/counts.json").body())
                .isEqualTo("{\"bytes\":600,\"clients\":2,\"cores\":12,\"erred\":0,\"hosts\":6,\"idle\":1,"
                        + "\"memory\":24,\"processing\":18,\"released\":0,\"saturated\":2,\"tasks\":26,"
                        + "\"unrunnable\":3,\"waiting\":5,\"waiting_data\":null,\"workers\":6,"
                        + "\"desired_workers\":8}");
    }

    @Test
    void theIdentityIsWhatTheSchedulerSays() throws IOException {
        assertThat(Http.get(start(), "/json/identity.json").body())
                .contains("\"address\":\"tcp://10.0.0.9:8786\"")
                .contains("\"started\":1.5");
    }

    @Test
    void namesOfWorkersAreEscapedInPages() throws IOException {
        var page = Http.get(start(), "/info/main/workers.html");
        assertThat(Http.contentType(page)).isEqualTo("text/html; charset=UTF-8");
        assertThat(page.body())
                .contains("tcp://10.0.0.3:3", "&lt;script&gt;", "1.00 GiB of 4.00 GiB")
                .doesNotContain("<script>");
    }

    @Test
    void theRootAndTheInfoPageRedirect() throws IOException {
        int port = start();
        assertThat(Http.get(port, "/").headers().firstValue("Location")).contains("/status");
        assertThat(Http.get(port, "/info").headers().firstValue("Location")).contains("/info/main/workers.html");
        assertThat(Http.get(port, "/status").body()).contains("6 workers, 12 threads, 2 clients, 26 tasks");
    }

    @Test
    void whatIsNotThereIs404() throws IOException {
        assertThat(Http.get(start(), "/api/v1").statusCode()).isEqualTo(404);
    }

    @Test
    void aTakenPortIsSaidToBeTaken() throws IOException {
        int port = start();
        assertThatThrownBy(() -> start(MonitorOptions.at("127.0.0.1", port))).isInstanceOf(BindException.class);
    }

    @Test
    void aNamespaceThatPrometheusRefusesIsRefusedAtOnce() {
        assertThatThrownBy(() -> new MetricOptions("my-farm", MetricOptions.Form.TODAY, Map.of()))
                .hasMessageContaining("'my-farm'");
    }
}
