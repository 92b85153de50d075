package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.status.SyntheticStatus;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
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
                        Samples::services,
                        new SyntheticStatus(1, 1, 1, 1, "w")));
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
    void memoryOfWorkersIsToldWithItsLimit() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_workers_memory_bytes", 6.0 * (1L << 30))
                .containsEntry("dask_scheduler_workers_memory_limit_bytes", 6.0 * (4L << 30))
                .containsEntry("dask_scheduler_worker_memory_ratio_maximum", 0.25)
                .containsEntry("dask_scheduler_waiting_graph_keys", 17.0);
    }

    @Test
    void theMetricsThatAreOwedComeFromTheSnapshot() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_clients", 2.0)
                .containsEntry("dask_scheduler_received_tasks", 26.0)
                .containsEntry("dask_scheduler_unrunnable_tasks", 4.0)
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
    void histogramsHaveClassicBuckets() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_task_duration_seconds_bucket{task_prefix_name=\"inc\",le=\"1.0\"}", 1.0)
                .containsEntry("dask_scheduler_task_duration_seconds_bucket{task_prefix_name=\"inc\",le=\"4.0\"}", 2.0)
                .containsEntry("dask_scheduler_task_duration_seconds_bucket{task_prefix_name=\"inc\",le=\"+Inf\"}", 2.0)
                .containsEntry("dask_scheduler_task_duration_seconds_count{task_prefix_name=\"inc\"}", 2.0)
                .containsEntry("dask_scheduler_task_duration_seconds_sum{task_prefix_name=\"inc\"}", 1.501)
                .containsEntry("dask_scheduler_task_transfer_duration_seconds_sum", 4.001)
                .containsEntry("dask_scheduler_task_queue_wait_seconds_sum", 3.001)
                .containsEntry("dask_scheduler_loop_batch_duration_seconds_sum", 0.011)
                .containsEntry("dask_scheduler_loop_placement_duration_seconds_sum", 0.003);
    }

    @Test
    void theClustersUseIsThere() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_threads", 12.0)
                .containsEntry("dask_scheduler_compute_seconds_total", 1.75)
                .containsEntry("dask_scheduler_thread_seconds_total", 7.0)
                .containsEntry("dask_scheduler_efficiency_ratio", 0.25);
    }

    @Test
    void operationsAreCountedAndTimed() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_scheduler_handler_calls_total{op=\"task-finished\",where=\"loop\"}", 77.0)
                .containsEntry("dask_scheduler_handler_seconds_total{op=\"task-finished\",where=\"loop\"}", 1.5)
                .containsEntry("dask_scheduler_handler_calls_total{op=\"identity\",where=\"rpc\"}", 5.0)
                .containsEntry("dask_scheduler_handler_failures_total{op=\"identity\",where=\"rpc\"}", 1.0)
                .containsEntry("dask_scheduler_handler_seconds_total{op=\"log-event\",where=\"stream\"}", 0.5)
                .containsEntry("dask_scheduler_labels_in_other{label=\"op\"}", 6.0);
    }

    @Test
    void semaphoresHaveDasksFamilies() throws IOException {
        assertThat(scrape(start()).samples())
                .containsEntry("dask_semaphore_max_leases{name=\"one\"}", 2.0)
                .containsEntry("dask_semaphore_active_leases{name=\"one\"}", 1.0)
                .containsEntry("dask_semaphore_pending_leases{name=\"one\"}", 3.0)
                .containsEntry("dask_semaphore_acquire_total{name=\"one\"}", 11.0)
                .containsEntry("dask_semaphore_release_total{name=\"one\"}", 10.0)
                .containsEntry("dask_semaphore_average_pending_lease_time_s{name=\"one\"}", 0.125);
    }

    @Test
    void labelsOfOnesOwnAreOnEverySample() throws IOException {
        var labels = Map.of("cluster", "farm", "scheduler", "{name} at {address}");
        Scraped page = scrape(start(options(new MetricOptions("dask", MetricOptions.Form.TODAY, labels))));
        assertThat(page.samples())
                .containsEntry(
                        "dask_scheduler_clients{cluster=\"farm\",scheduler=\"scheduler at tcp://10.0.0.9:8786\"}", 2.0);
        assertThat(page.samples())
                .allSatisfy((sample, value) -> assertThat(sample).contains("cluster=\"farm\""));
        assertThat(page.text())
                .contains("\njvm_threads_current{", "\nprocess_cpu_seconds_total{", "\njvm_runtime_info{");
    }

    @Test
    void aPageIsMadeBeforeAnybodyAsksWhereThatIsWanted() throws Exception {
        var made = new CountDownLatch(1);
        SchedulerMonitor.Sources sources = Samples.sources();
        var counting = new SchedulerMonitor.Sources(
                () -> {
                    made.countDown();
                    return sources.snapshot().get();
                },
                sources.identity(),
                sources.loop(),
                sources.services(),
                sources.status());
        try (var started = SchedulerMonitor.start(MonitorOptions.at("127.0.0.1", 0), counting)) {
            started.warmUp();
            assertThat(made.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aLabelThatHasAMeaningOfItsOwnIsRefused() {
        for (String label : List.of("state", "le", "area", "9", "__x", "a-b")) {
            assertThatThrownBy(() -> new MetricOptions("dask", MetricOptions.Form.TODAY, Map.of(label, "x")))
                    .hasMessageContaining("'" + label + "'");
        }
    }

    @Test
    void eachFormatComesAsItIsAndCompressed() throws IOException {
        int port = start();
        for (MetricFormat format : MetricFormat.values()) {
            var plain = Http.get(port, "/metrics", "Accept", format.contentType);
            assertThat(plain.headers().firstValue("Content-Type")).contains(format.contentType);
            assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
            assertThat(new String(plain.body(), StandardCharsets.UTF_8)).contains("dask_scheduler_clients");
            var gzip = Http.get(port, "/metrics", "Accept", format.contentType, "Accept-Encoding", "gzip");
            assertThat(gzip.headers().firstValue("Content-Encoding")).contains("gzip");
            byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes();
            assertThat(new String(unpacked, StandardCharsets.UTF_8)).contains("dask_scheduler_clients");
            assertThat(gzip.body().length).isLessThan(plain.body().length / 2);
        }
    }

    @Test
    void openMetricsCarriesTaskKeysAndEnds() throws IOException {
        var page = Http.get(start(), "/metrics", "Accept", MetricFormat.OPENMETRICS.contentType);
        assertThat(new String(page.body(), StandardCharsets.UTF_8))
                .contains("le=\"4.0\"} 2 # {task_key=\"('inc', 7)\"} 1.5 1700000000.250")
                .contains("dask_scheduler_tasks_forgotten_total 13.0")
                .endsWith("# EOF\n")
                .containsOnlyOnce("# EOF");
    }

    @Test
    void protobufCarriesNativeHistogramsAndTaskKeys() throws Exception {
        var page = Http.get(start(), "/metrics", "Accept", MetricFormat.PROTOBUF.contentType);
        var in = new ByteArrayInputStream(page.body());
        var histograms = new ArrayList<Metrics.MetricFamily>();
        while (in.available() > 0) {
            Metrics.MetricFamily family = Metrics.MetricFamily.parseDelimitedFrom(in);
            if (family.getType() == Metrics.MetricType.HISTOGRAM) {
                histograms.add(family);
            }
        }
        assertThat(histograms)
                .extracting(Metrics.MetricFamily::getName)
                .contains("dask_scheduler_task_duration_seconds");
        for (Metrics.MetricFamily family : histograms) {
            for (Metrics.Metric metric : family.getMetricList()) {
                assertThat(metric.getHistogram().getSchema()).isEqualTo(3);
                assertThat(metric.getHistogram().getSampleCount()).isEqualTo(2);
                assertThat(metric.getHistogram().getPositiveSpanCount()).isPositive();
                assertThat(metric.getHistogram().getBucketList())
                        .anyMatch(bucket -> bucket.getExemplar().getLabelList().stream()
                                .anyMatch(label -> label.getValue().equals("('inc', 7)")));
            }
        }
    }

    @Test
    void aLongTaskKeyIsShortenedToWhatOpenMetricsAllows() throws IOException {
        var durations = new Histogram();
        durations.add(1.5, TaskKey.of("x".repeat(500)), 1_700_000_000);
        SchedulerSnapshot.PrefixSnapshot prefix =
                new SchedulerSnapshot.PrefixSnapshot("x", Map.of(), Map.of(), 1.5, 0, 0, 0, durations.copy());
        snapshot.set(new SchedulerSnapshot(
                Map.of(),
                List.of(),
                List.of(prefix),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                SchedulerSnapshot.MeasuredSnapshot.NONE));
        var page = Http.get(start(), "/metrics", "Accept", MetricFormat.OPENMETRICS.contentType);
        assertThat(new String(page.body(), StandardCharsets.UTF_8))
                .contains("# {task_key=\"" + "x".repeat(119) + "…\"} 1.5");
    }

    @Test
    void theLabelsOf2022() throws IOException {
        assertThat(scrape(start(options(MetricOptions.DEFAULT.withForm(MetricOptions.Form.DASK_2022))))
                        .samples())
                .containsEntry("dask_scheduler_workers{state=\"connected\"}", 6.0)
                .containsEntry("dask_scheduler_workers{state=\"saturated\"}", 2.0)
                .containsEntry("dask_scheduler_workers{state=\"idle\"}", 1.0)
                .doesNotContainKey("dask_scheduler_workers{state=\"paused\"}");
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
        assertThat(paths.stream().map(String::valueOf).toList())
                .contains(
                        "/",
                        "/health",
                        "/individual-plots.json",
                        "/info",
                        "/info/main/workers.html",
                        "/json/counts.json",
                        "/json/identity.json",
                        "/json/index.html",
                        "/metrics",
                        "/metrics/workers",
                        "/prometheus/sd",
                        "/sitemap.json",
                        "/status",
                        "/workers",
                        "/tasks",
                        "/individual-task-stream")
                .doesNotContain("/status/");
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
