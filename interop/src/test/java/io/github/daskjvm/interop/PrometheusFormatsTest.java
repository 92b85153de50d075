package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.daskjvm.client.Client;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real Prometheus servers scrape the same cluster in each of the formats: protobuf with native histograms,
/// OpenMetrics, and the text format. Needs `prometheus` on the `PATH`.
@Timeout(90)
class PrometheusFormatsTest {
    private static final int TASKS = 20;
    private static final String COUNT = "sum(dask_scheduler_task_duration_seconds_count{node='%s'})";
    private static JvmCluster cluster;

    @TempDir
    Path folder;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(PrometheusServer.find("prometheus").isPresent(), "no prometheus on the PATH");
        cluster = new JvmCluster(folder);
        cluster.addWorker("w0");
        try (Client client = Client.connect(cluster.address())) {
            client.gather(
                    client.map(x -> slept(30), IntStream.range(0, TASKS).boxed().toList()));
        }
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void protobufBringsNativeHistogramsWithTaskKeys() throws Exception {
        try (var prometheus = new PrometheusServer(cluster, folder, List.of("native-histograms", "exemplar-storage"))) {
            prometheus.await("sum(histogram_count(dask_scheduler_task_duration_seconds))", TASKS);
            prometheus.await(
                    "histogram_quantile(0.5, sum(dask_scheduler_task_duration_seconds))",
                    "30 ms, and not much more",
                    v -> v >= 0.029 && v < 1);
            prometheus.await(
                    "sum(histogram_sum(dask_scheduler_task_duration_seconds))", "0.6 s or more", v -> v >= 0.6);
            prometheus.await("histogram_count(dask_scheduler_loop_batch_duration_seconds) > 0", "some", v -> v > 0);
            expectTaskKeys(prometheus, "dask_scheduler_task_duration_seconds");
            expectGoodScrapes(prometheus);
        }
    }

    @Test
    void openMetricsBringsClassicHistogramsWithTaskKeys() throws Exception {
        try (var prometheus = new PrometheusServer(cluster, folder, List.of("exemplar-storage"))) {
            prometheus.await(COUNT.formatted("scheduler"), TASKS);
            prometheus.await(
                    "histogram_quantile(0.5, sum by (le) (dask_scheduler_task_duration_seconds_bucket))",
                    "30 ms, and not much more",
                    v -> v >= 0.015 && v < 1);
            prometheus.await("dask_worker_transfer_incoming_count_total", 0);
            prometheus.await("dask_worker_transfer_incoming_count", 0);
            expectTaskKeys(prometheus, "dask_scheduler_task_duration_seconds_bucket");
            expectGoodScrapes(prometheus);
        }
    }

    /// This version always asks for something better, so a relay asks for it.
    @Test
    void textBringsClassicHistograms() throws Exception {
        HttpServer relay = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        relay.createContext("/", exchange -> {
            try (exchange) {
                byte[] page = JvmCluster.get("http://127.0.0.1:" + cluster.dashboardPort() + "/metrics")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        relay.start();
        try (var prometheus = new PrometheusServer(cluster, folder, List.of("native-histograms"))) {
            prometheus.alsoScrapes("relay", relay.getAddress().getPort());
            prometheus.await(COUNT.formatted("relay"), TASKS);
            prometheus.await("sum(dask_scheduler_workers{node='relay'})", 1);
            expectGoodScrapes(prometheus);
        } finally {
            relay.stop(0);
        }
    }

    private static void expectTaskKeys(PrometheusServer prometheus, String series) {
        JvmCluster.await(
                series + " has exemplars",
                () -> prometheus.api("/api/v1/query_exemplars", "query", series).contains("\"task_key\":"));
    }

    private static void expectGoodScrapes(PrometheusServer prometheus) throws Exception {
        prometheus.await("min(up)", 1);
        assertThat(prometheus.complaints()).doesNotContain("Error on", "append failed", "level=error");
    }

    private static int slept(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return millis;
    }
}
