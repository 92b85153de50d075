package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Processes that OpenTelemetry's variables tell to send their metrics. Texts stand in protobuf as they are, so that
/// names are looked for in what arrives; what it means is tested where it is made.
@Timeout(120)
class PushTest {
    private final LinkedBlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private final List<Process> processes = new ArrayList<>();
    private HttpServer receiver;

    @TempDir
    Path folder;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/v1/metrics", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            arrived.add(new String(body, StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        receiver.stop(0);
    }

    private Process startScheduler(Map<String, String> variables, Path file) throws IOException {
        return start(
                variables,
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                file.toString());
    }

    private Process start(Map<String, String> variables, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.daskjvm.cli.DaskJvm"));
        all.addAll(List.of(command));
        var builder = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(command[0] + ".log").toFile());
        builder.environment()
                .put(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        "http://127.0.0.1:" + receiver.getAddress().getPort());
        builder.environment().putAll(variables);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private void await(String... texts) throws InterruptedException {
        String all = "";
        while (!List.of(texts).stream().allMatch(all::contains)) {
            String next = arrived.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("something with %s arrives", List.of(texts)).isNotNull();
            all = next;
        }
    }

    @Test
    void aSchedulerAndAWorkerSendAsTheyAreTold() throws Exception {
        Path file = folder.resolve("scheduler.json");
        var often = Map.of("OTEL_METRIC_EXPORT_INTERVAL", "200", "OTEL_RESOURCE_ATTRIBUTES", "site=here");
        startScheduler(often, file);
        await("dask-scheduler", "site", "here", "dask_scheduler_workers", "partially_saturated");
        var named = Map.of("OTEL_METRIC_EXPORT_INTERVAL", "200", "OTEL_SERVICE_NAME", "my-workers");
        start(
                named,
                "worker",
                "--scheduler-file",
                file + "",
                "--name",
                "w0",
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard");
        await("my-workers", "dask_worker_threads");
    }

    @Test
    void aMonitorSendsWhatItKnowsOfItsScheduler() throws Exception {
        Path file = folder.resolve("scheduler.json");
        startScheduler(Map.of("OTEL_SDK_DISABLED", "true"), file);
        ProcessFiles.awaitSchedulerAddress(file, java.time.Duration.ofSeconds(60));
        Process monitor = start(
                Map.of("OTEL_METRIC_EXPORT_INTERVAL", "200"),
                "monitor",
                "--scheduler-file",
                file + "",
                "--interval",
                "200 ms",
                "--dashboard-address",
                "127.0.0.1:0");
        await("dask-monitor", "dask_scheduler_up", "dask_scheduler_workers", "partially_saturated");
        monitor.destroy();
        assertThat(monitor.waitFor()).isZero();
    }

    @Test
    void whatEndsBeforeItsTimeSendsOnceMore() throws Exception {
        Path file = folder.resolve("scheduler.json");
        Process scheduler = startScheduler(Map.of(), file);
        ProcessFiles.awaitSchedulerAddress(file, java.time.Duration.ofSeconds(60));
        assertThat(arrived).isEmpty();
        scheduler.destroy();
        assertThat(scheduler.waitFor()).isZero();
        await("dask_scheduler_workers");
    }

    /// Starts a scheduler that does not start for these variables, and returns what it says.
    private String refused(Map<String, String> variables) throws Exception {
        Process scheduler = start(variables, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard");
        assertThat(scheduler.waitFor()).isEqualTo(1);
        return Files.readString(folder.resolve("scheduler.log"));
    }

    @Test
    void anotherProtocolIsRefused() throws Exception {
        assertThat(refused(Map.of("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
                .contains("OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc', but only http/protobuf is spoken here");
    }

    @Test
    void anotherSamplerOfTracesIsRefused() throws Exception {
        assertThat(refused(Map.of("OTEL_TRACES_EXPORTER", "otlp", "OTEL_TRACES_SAMPLER", "jaeger_remote")))
                .contains("traces can not be sent by OTLP: the variable OTEL_TRACES_SAMPLER is 'jaeger_remote'")
                .doesNotContain("Exception");
    }
}
