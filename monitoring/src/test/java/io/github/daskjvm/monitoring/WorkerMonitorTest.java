package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.worker.WorkerSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerMonitorTest {
    private final List<WorkerMonitor> monitors = new ArrayList<>();

    @AfterEach
    void closeAll() {
        monitors.forEach(WorkerMonitor::close);
    }

    private int start(WorkerSnapshot snapshot, boolean unlabelled) throws IOException {
        var options = new MonitorOptions(
                "127.0.0.1",
                0,
                MetricOptions.DEFAULT.withForm(unlabelled ? MetricOptions.Form.DASK_2019 : MetricOptions.Form.TODAY),
                Optional.empty());
        var monitor = WorkerMonitor.start(options, () -> snapshot);
        monitors.add(monitor);
        return monitor.port();
    }

    private Scraped scrape(WorkerSnapshot snapshot, boolean unlabelled) throws IOException {
        return Scraped.of(Http.get(start(snapshot, unlabelled), "/metrics").body());
    }

    @Test
    void theMetricsThatAreOwedComeFromTheSnapshot() throws IOException {
        assertThat(scrape(Samples.worker(0.125), false).samples())
                .containsEntry("dask_worker_tasks{state=\"executing\"}", 2.0)
                .containsEntry("dask_worker_tasks{state=\"ready\"}", 3.0)
                .containsEntry("dask_worker_tasks{state=\"waiting\"}", 4.0)
                .containsEntry("dask_worker_tasks{state=\"memory\"}", 5.0)
                .containsEntry("dask_worker_tasks{state=\"long-running\"}", 0.0)
                .containsEntry("dask_worker_connections", 7.0)
                .containsEntry("dask_worker_threads", 8.0)
                .containsEntry("dask_worker_latency_seconds", 0.002)
                .containsEntry("dask_worker_tick_duration_median_seconds", 0.125)
                .containsEntry("dask_worker_task_duration_median_seconds", 0.125)
                .containsEntry("dask_worker_transfer_bandwidth_median_bytes", 125000.0);
    }

    @Test
    void aMedianOfNothingIsNotANumber() throws IOException {
        assertThat(scrape(Samples.idleWorker(), false).text())
                .contains("\ndask_worker_task_duration_median_seconds NaN\n")
                .contains("\ndask_worker_transfer_bandwidth_median_bytes NaN\n");
    }

    @Test
    void anOptionPrintsTheStatesOf2019() throws IOException {
        assertThat(scrape(Samples.worker(1), true).samples())
                .containsEntry("dask_worker_tasks{state=\"stored\"}", 5.0)
                .containsEntry("dask_worker_tasks{state=\"executing\"}", 2.0)
                .containsEntry("dask_worker_tasks{state=\"ready\"}", 3.0)
                .containsEntry("dask_worker_tasks{state=\"waiting\"}", 4.0)
                .containsEntry("dask_worker_tasks{state=\"serving\"}", 6.0)
                .doesNotContainKey("dask_worker_tasks{state=\"memory\"}");
    }

    @Test
    void todaysOtherFamiliesAreThere() throws IOException {
        assertThat(scrape(Samples.worker(1), false).samples())
                .containsEntry("dask_worker_memory_bytes{type=\"managed\"}", 12345.0)
                .containsEntry("dask_worker_transfer_incoming_bytes", 10.0)
                .containsEntry("dask_worker_transfer_incoming_count", 1.0)
                .containsEntry("dask_worker_transfer_incoming_count_total", 100.0)
                .containsEntry("dask_worker_transfer_outgoing_bytes", 20.0)
                .containsEntry("dask_worker_transfer_outgoing_count", 2.0)
                .containsEntry("dask_worker_transfer_outgoing_bytes_total", 2000.0)
                .containsEntry("dask_worker_transfer_outgoing_count_total", 200.0)
                .containsEntry("dask_worker_tick_count_total", 100.0)
                .containsEntry("dask_worker_tick_duration_maximum_seconds", 0.5)
                .containsKeys("dask_worker_memory_bytes{type=\"unmanaged\"}", "process_resident_memory_bytes");
    }

    @Test
    void whatDasksPageDoesNotHaveIsThere() throws IOException {
        assertThat(scrape(Samples.worker(1), false).samples())
                .containsEntry("dask_worker_task_duration_seconds_sum", 3.001)
                .containsEntry("dask_worker_transfer_incoming_duration_seconds_sum", 4.001)
                .containsEntry("dask_worker_compute_seconds_total", 3.001)
                .containsEntry("dask_worker_compute_cpu_seconds_total", 2.5)
                .containsEntry("dask_worker_thread_seconds_total", 64.0)
                .containsEntry("dask_worker_concurrent_fetch_requests", 7.0)
                .containsEntry("dask_worker_handler_calls_total{op=\"get_data\",where=\"rpc\"}", 9.0)
                .containsEntry("dask_worker_handler_failures_total{op=\"get_data\",where=\"rpc\"}", 1.0)
                .containsEntry("dask_worker_handler_seconds_total{op=\"get_data\",where=\"rpc\"}", 0.75)
                .containsEntry("dask_worker_labels_in_other{label=\"op\"}", 3.0)
                .containsEntry(
                        "dask_worker_info{address=\"tcp://10.0.0.7:7\",java_version=\""
                                + System.getProperty("java.version") + "\",worker_name=\"w-7\"}",
                        1.0);
    }

    @Test
    void whatWentToDiskIsThereByDasksNames() throws IOException {
        assertThat(scrape(Samples.worker(1), false).samples())
                .containsEntry("dask_worker_memory_bytes{type=\"unmanaged\"}", 7655.0)
                .containsEntry("dask_worker_memory_bytes{type=\"spilled\"}", 1000.0)
                .containsEntry("dask_worker_spill_bytes_total{activity=\"memory-read\"}", 8000.0)
                .containsEntry("dask_worker_spill_bytes_total{activity=\"disk-write\"}", 1000.0)
                .containsEntry("dask_worker_spill_bytes_total{activity=\"disk-read\"}", 1500.0)
                .containsEntry("dask_worker_spill_count_total{activity=\"memory-read\"}", 4.0)
                .containsEntry("dask_worker_spill_count_total{activity=\"disk-write\"}", 2.0)
                .containsEntry("dask_worker_spill_count_total{activity=\"disk-read\"}", 3.0)
                .containsEntry("dask_worker_spill_time_seconds_total{activity=\"serialize\"}", 0.25)
                .containsEntry("dask_worker_spill_time_seconds_total{activity=\"compress\"}", 0.5)
                .containsEntry("dask_worker_spill_time_seconds_total{activity=\"disk-write\"}", 0.75)
                .containsEntry("dask_worker_spill_time_seconds_total{activity=\"disk-read\"}", 1.0)
                .containsEntry("dask_worker_unspillable_results", 1.0);
    }

    /// Two families of one name are not allowed in OpenMetrics.
    @Test
    void inOpenMetricsEveryFamilyHasANameOfItsOwn() throws IOException {
        int port = start(Samples.worker(1), false);
        String page = new String(
                Http.get(port, "/metrics", "Accept", MetricFormat.OPENMETRICS.contentType)
                        .body(),
                StandardCharsets.UTF_8);
        assertThat(page.lines().filter(line -> line.startsWith("# TYPE dask_")).map(line -> line.split(" ")[2]))
                .doesNotHaveDuplicates()
                .contains("dask_worker_transfer_incoming_count", "dask_worker_transfer_incoming_count_total");
    }

    @Test
    void twoWorkersInOneProcessDoNotMix() throws IOException {
        int one = start(Samples.worker(1), false);
        int two = start(Samples.worker(2), false);
        String median = "dask_worker_task_duration_median_seconds";
        assertThat(Scraped.of(Http.get(one, "/metrics").body()).samples()).containsEntry(median, 1.0);
        assertThat(Scraped.of(Http.get(two, "/metrics").body()).samples()).containsEntry(median, 2.0);
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        Promtool.assertSilent(scrape(Samples.idleWorker(), false).text());
        Promtool.assertSilent(scrape(Samples.worker(1), true).text());
    }

    @Test
    void aWorkerHasDasksThreeRoutes() throws IOException {
        int port = start(Samples.idleWorker(), false);
        assertThat(Http.get(port, "/sitemap.json").body())
                .isEqualTo("{\"paths\":[\"/health\",\"/metrics\",\"/sitemap.json\"]}");
        assertThat(Http.get(port, "/health").body()).isEqualTo("ok");
        assertThat(Http.get(port, "/json/counts.json").statusCode()).isEqualTo(404);
    }
}
