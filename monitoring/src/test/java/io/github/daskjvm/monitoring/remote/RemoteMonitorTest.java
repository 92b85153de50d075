package io.github.daskjvm.monitoring.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.Http;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.Promtool;
import io.github.daskjvm.monitoring.Scraped;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RemoteMonitorTest {
    private static Scheduler scheduler(int port) throws IOException {
        return Scheduler.start(
                SchedulerOptions.builder().host("127.0.0.1").port(port).build());
    }

    private static Scraped await(RemoteMonitor monitor, Predicate<Map<String, Double>> condition)
            throws InterruptedException {
        while (true) {
            Scraped scraped = Scraped.of(Http.get(monitor.port(), "/metrics").body());
            if (condition.test(scraped.samples())) {
                return scraped;
            }
            Thread.sleep(20);
        }
    }

    @Test
    void aSchedulerThatComesGoesAndComesBackIsUpAndDownAndUp() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (var remote = new RemoteScheduler("tcp://127.0.0.1:" + port, null, Duration.ofMillis(100));
                var monitor = RemoteMonitor.start(MonitorOptions.at("127.0.0.1", 0), remote)) {
            remote.start();
            await(monitor, samples -> samples.get("dask_monitor_poll_failures_total") >= 1);
            try (Scheduler first = scheduler(port)) {
                Scraped up = await(monitor, samples -> samples.get("dask_scheduler_up") == 1);
                assertThat(up.samples()).containsEntry("dask_scheduler_workers{state=\"idle\"}", 0.0);
                Promtool.assertSilent(up.text());
                try (Worker worker = Worker.start(WorkerOptions.builder(first.address())
                        .host("127.0.0.1")
                        .name("w")
                        .nthreads(1)
                        .build())) {
                    Scraped joined =
                            await(monitor, samples -> samples.get("dask_scheduler_workers{state=\"idle\"}") == 1);
                    assertThat(joined.samples())
                            .containsEntry("dask_scheduler_clients", 0.0)
                            .containsEntry("dask_scheduler_received_tasks", 0.0);
                    assertThat(Http.get(monitor.port(), "/metrics/workers").body())
                            .contains("dask_worker_threads{worker=\"" + worker.address() + "\"} 1.0");
                    assertThat(Http.get(monitor.port(), "/prometheus/sd").body())
                            .contains("[\"127.0.0.1:" + monitor.port() + "\"]", first.address());
                }
            }
            Scraped down = await(monitor, samples -> samples.get("dask_scheduler_up") == 0);
            assertThat(down.text()).doesNotContain("dask_scheduler_workers");
            try (Scheduler second = scheduler(port)) {
                await(monitor, samples -> samples.get("dask_scheduler_up") == 1);
                assertThat(Http.get(monitor.port(), "/prometheus/sd").body())
                        .contains((String) second.identity().get("id"));
            }
            assertThat(Http.get(monitor.port(), "/health").body()).isEqualTo("ok");
        }
    }

    /// Dask's rule: idle with fewer tasks than threads or less than half of the average load; saturated with more than
    /// 0.4 s waiting for each thread, if that is nearly twice the average.
    @Test
    void workersAreInTheStateThatDasksRuleGives() {
        var identities = new LinkedHashMap<String, Object>();
        var described = new LinkedHashMap<String, Object>();
        worker(identities, described, "idle", 2, "running", 1, 0.5);
        worker(identities, described, "light", 2, "running", 2, 0.1);
        worker(identities, described, "busy", 2, "running", 2, 2.0);
        worker(identities, described, "full", 2, "running", 30, 12.0);
        worker(identities, described, "paused", 2, "paused", 2, 2.0);
        worker(identities, described, "leaving", 2, "closing_gracefully", 0, 0);
        ClusterView cluster = ClusterView.of(Map.of("workers", identities));
        var loads = new WorkerLoads(RemoteState.NEVER.answered(cluster, Map.of("workers", described), 0, 0));
        assertThat(cluster.workers().stream().map(w -> w.name() + " " + loads.of(w)))
                .containsExactly(
                        "idle idle",
                        "light idle",
                        "busy partially_saturated",
                        "full saturated",
                        "paused paused",
                        "leaving retiring");
    }

    private static void worker(
            Map<String, Object> identities,
            Map<String, Object> described,
            String name,
            long nthreads,
            String status,
            long processing,
            double occupancy) {
        identities.put("tcp://" + name + ":1", Map.of("name", name, "nthreads", nthreads, "status", status));
        described.put(
                "tcp://" + name + ":1", Map.of("occupancy", occupancy, "task_prefix_count", Map.of("inc", processing)));
    }
}
