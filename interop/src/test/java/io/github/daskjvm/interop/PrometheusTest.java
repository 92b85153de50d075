package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Prometheus server scrapes a running cluster, and its API answers on each of the names that were asked for
/// with the number that is right, and with another when that changes. Needs `prometheus` and `promtool` on the
/// `PATH`.
@Timeout(90)
class PrometheusTest {
    private static JvmCluster cluster;
    private static PrometheusServer prometheus;
    private Client client;

    @TempDir
    Path folder;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(
                PrometheusProcess.find("prometheus").isPresent()
                        && PrometheusProcess.find("promtool").isPresent(),
                "no prometheus and promtool on the PATH");
        cluster = new JvmCluster(folder);
        cluster.addWorker("w0");
        prometheus = new PrometheusServer(cluster, folder);
        prometheus.await("sum(dask_scheduler_workers)", 1);
    }

    @AfterAll
    static void stop() throws Exception {
        if (prometheus != null) {
            prometheus.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        client = Client.connect(cluster.address());
    }

    @AfterEach
    void leave() {
        client.close();
        prometheus.await("dask_scheduler_received_tasks", 0);
    }

    @Test
    void workersMoveWhenAWorkerJoinsAndWhenItLeaves() throws Exception {
        prometheus.await("sum(dask_scheduler_workers)", 1);
        join("joins");
        prometheus.await("sum(dask_scheduler_workers)", 2);
        prometheus.await("dask_scheduler_workers{state='idle'}", 2);
        leaves("joins");
        prometheus.await("sum(dask_scheduler_workers)", 1);
    }

    @Test
    void workersAreInOneStateEach() throws Exception {
        String gate = folder.resolve("gate").toString();
        List<Future<String>> futures = client.map(x -> held(gate) + x, range(10));
        prometheus.await("dask_scheduler_workers{state='idle'}", 0);
        prometheus.await("sum(dask_scheduler_workers)", 1);
        Files.createFile(Path.of(gate));
        client.gather(futures);
        prometheus.await("dask_scheduler_workers{state='idle'}", 1);
    }

    @Test
    void clientsMoveWhenAClientComesAndWhenItGoes() throws Exception {
        prometheus.await("dask_scheduler_clients", 1);
        try (Client second = Client.connect(cluster.address())) {
            prometheus.await("dask_scheduler_clients", 2);
        }
        prometheus.await("dask_scheduler_clients", 1);
    }

    @Test
    void tasksMoveWhenWorkStartsAndWhenItEnds() throws Exception {
        prometheus.await("dask_scheduler_received_tasks", 0);
        String gate = folder.resolve("gate").toString();
        List<Future<String>> futures = client.map(x -> held(gate) + x, range(5));
        prometheus.await("dask_scheduler_received_tasks", 5);
        prometheus.await("sum(dask_scheduler_tasks)", 5);
        prometheus.await("sum(dask_worker_tasks{state='executing'})", 2);
        Files.createFile(Path.of(gate));
        assertThat(client.gather(futures)).contains("gone through0", "gone through4");
        prometheus.await("sum(dask_worker_tasks{state='memory'})", 5);
        prometheus.await("sum(dask_worker_tasks)", 5);
        prometheus.await("dask_scheduler_tasks{state='memory'}", 5);
        client.close();
        prometheus.await("dask_scheduler_received_tasks", 0);
        // With nothing left, a worker may print no state at all.
        prometheus.await("sum(dask_worker_tasks) or vector(0)", 0);
    }

    @Test
    void unrunnableTasksMoveWhenAResourceIsAskedForThatNobodyHas() throws Exception {
        prometheus.await("dask_scheduler_unrunnable_tasks", 0);
        Future<Integer> future =
                client.with(TaskOptions.DEFAULT.resource("NOBODY-HAS-THIS", 1)).submit(() -> 42);
        prometheus.await("dask_scheduler_unrunnable_tasks", 1);
        join("owner", "--resources", "NOBODY-HAS-THIS=1");
        assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo(42);
        prometheus.await("dask_scheduler_unrunnable_tasks", 0);
        leaves("owner");
    }

    @Test
    void threadsAreThoseOfTheWorkers() throws Exception {
        prometheus.await("sum(dask_worker_threads)", 2);
        join("wide", "--nthreads", "5");
        prometheus.await("dask_worker_threads{node='wide'}", 5);
        leaves("wide");
    }

    @Test
    void latencyIsThatOfHeartbeats() {
        prometheus.await("dask_worker_latency_seconds{node='w0'}", "between 0 and 1 s", v -> v > 0 && v < 1);
    }

    @Test
    void ticksAreShort() {
        prometheus.await(
                "dask_worker_tick_duration_median_seconds{node='w0'}", "between 0 and 1 s", v -> v > 0 && v < 1);
    }

    @Test
    void taskDurationIsThatOfTheTaskInTheMiddle() throws Exception {
        join("fresh");
        // One long task among many short ones moves a mean or a maximum, but not the median.
        List<Future<Integer>> futures = new ArrayList<>(
                client.with(TaskOptions.DEFAULT.workers("fresh")).map(x -> slept(x == 0 ? 2000 : 60), range(31)));
        client.gather(futures);
        prometheus.await(
                "dask_worker_task_duration_median_seconds{node='fresh'}", "about 60 ms", v -> v >= 0.059 && v < 0.2);
        leaves("fresh");
    }

    @Test
    void connectionsAndBandwidthAreThoseOfTransfersFromPeers() throws Exception {
        JvmCluster.Node giver = join("giver");
        join("taker");
        String taker = "{node='taker'}";
        prometheus.await("dask_worker_connections" + taker, 0);
        List<Future<byte[]>> blocks =
                client.with(TaskOptions.DEFAULT.workers("giver")).map(x -> new byte[2_000_000 + x], range(9));
        assertThat(client.gather(blocks)).hasSize(9);
        TaskOptions there = TaskOptions.DEFAULT.workers("taker");
        for (Future<byte[]> block : blocks.subList(1, 9)) {
            client.with(there).submit(bytes -> bytes.length, block).get(20, TimeUnit.SECONDS);
        }
        prometheus.await(
                "dask_worker_transfer_bandwidth_median_bytes" + taker, "1 MB/s and more", v -> v > 1e6 && v < 1e12);

        // A peer that stands still in the middle of a transfer: the connection is seen while it lasts.
        giver.signal("STOP");
        Future<Integer> waiting = client.with(there).submit(bytes -> bytes.length, blocks.getFirst());
        prometheus.await("dask_worker_connections" + taker, 1);
        giver.signal("CONT");
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(2_000_000);
        prometheus.await("dask_worker_connections" + taker, 0);
        leaves("giver");
        leaves("taker");
    }

    @Test
    void promtoolHasNothingToSayAboutThePages() throws Exception {
        client.gather(client.map(x -> x + 1, range(20)));
        for (int port :
                List.of(cluster.dashboardPort(), cluster.workers().get("w0").dashboardPort())) {
            String page = JvmCluster.get("http://127.0.0.1:" + port + "/metrics");
            assertThat(page).contains("# TYPE dask_");
            Process promtool = new ProcessBuilder(
                            PrometheusProcess.find("promtool").orElseThrow(), "check", "metrics")
                    .redirectErrorStream(true)
                    .start();
            try (var input = promtool.getOutputStream()) {
                input.write(page.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(promtool.waitFor()).isZero();
        }
    }

    private JvmCluster.Node join(String name, String... options) throws Exception {
        JvmCluster.Node node = cluster.addWorker(name, options);
        prometheus.targetsChanged();
        prometheus.await("dask_worker_threads{node='" + name + "'}", "there", v -> v > 0);
        client.waitForWorkers(cluster.workers().size(), JvmCluster.PATIENCE);
        return node;
    }

    private static void leaves(String name) throws Exception {
        cluster.removeWorker(name);
        prometheus.targetsChanged();
        prometheus.await("sum(dask_scheduler_workers)", cluster.workers().size());
    }

    private static List<Integer> range(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /// Holds a worker's thread until the file is there.
    private static String held(String gate) {
        while (!Files.exists(Path.of(gate))) {
            slept(10);
        }
        return "gone through";
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
