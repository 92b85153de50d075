package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as they are started, with everything behind them real. The scheduler ends by its idle timeout, which
/// ends its workers.
class ProcessesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    @TempDir
    private Path folder;

    private final ExecutorService commands =
            Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

    @AfterEach
    void stop() {
        commands.shutdownNow();
    }

    private Future<Integer> start(String... command) {
        return commands.submit(() -> DaskJvm.execute(NOWHERE, NOWHERE, command));
    }

    private static String get(Object port, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void aSchedulerAndAWorkerFindEachOtherServePagesAndEndInOrder() throws Exception {
        Path file = folder.resolve("scheduler.json");
        Path pid = folder.resolve("pid");
        Future<Integer> scheduler = start(
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--dashboard-address",
                "127.0.0.1:0",
                "--idle-timeout",
                "4s",
                "--scheduler-file",
                file.toString(),
                "--pid-file",
                pid.toString());
        Future<Integer> worker = start(
                "worker",
                "--scheduler-file",
                file.toString(),
                "--name",
                "w0",
                "--nthreads",
                "1",
                "--no-nanny",
                "--death-timeout",
                "30s");
        String address = ProcessFiles.awaitSchedulerAddress(file, SOON);
        Map<String, ?> identity = Json.readObject(Files.readString(file));
        assertThat(identity.get("type")).isEqualTo("Scheduler");
        assertThat(address).startsWith("tcp://127.0.0.1:");
        assertThat(Files.readString(pid))
                .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        Object port = ((Map<?, ?>) identity.get("services")).get("dashboard");
        awaitWorker(port);
        assertThat(get(port, "/metrics")).contains("dask_scheduler_workers_added_total 1.0");
        assertThat(get(port, "/json/identity.json")).contains("\"name\":\"w0\"").contains(address);
        assertThat(scheduler.get(SOON.toSeconds(), TimeUnit.SECONDS)).isZero();
        assertThat(worker.get(SOON.toSeconds(), TimeUnit.SECONDS)).isZero();
        assertThat(file).doesNotExist();
        assertThat(pid).doesNotExist();
    }

    private static void awaitWorker(Object port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!get(port, "/json/counts.json").contains("\"workers\":1,")) {
            assertThat(System.nanoTime()).as("the worker is there in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
