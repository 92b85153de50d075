package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.remote.RemoteScheduler;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
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
}
