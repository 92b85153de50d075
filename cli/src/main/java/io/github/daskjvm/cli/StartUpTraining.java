package io.github.daskjvm.cli;

import io.github.daskjvm.monitoring.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs every command once, briefly, so that a JVM started with `-XX:AOTCacheOutput=FILE` learns which classes they
/// load and which methods are hot. `./dask-jvm` does so after each build; with the file a scheduler listens in half of
/// the time.
final class StartUpTraining {
    private static final Duration AT_MOST = Duration.ofSeconds(60);
    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    private StartUpTraining() {}

    /// @param args a folder with a little text in it
    public static void main(String[] args) throws Exception {
        Thread.ofPlatform().daemon().start(StartUpTraining::giveUpInTime);
        DaskJvm.execute(NOWHERE, NOWHERE, "--help");
        run("demo", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--input", args[0]);
        Path folder = Files.createTempDirectory("dask-jvm-training");
        Path file = folder.resolve("scheduler.json");
        Thread scheduler = Thread.ofPlatform().daemon().start(() -> schedule(file));
        Thread worker = Thread.ofPlatform().daemon().start(() -> work(file));
        look(file);
        worker.join();
        scheduler.join();
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
        System.exit(0);
    }

    /// Ends by itself, which ends its worker.
    private static void schedule(Path file) {
        run(
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--dashboard-address",
                "127.0.0.1:0",
                "--idle-timeout",
                "3s",
                "--scheduler-file",
                file.toString());
    }

    private static void work(Path file) {
        run("worker", "--scheduler-file", file.toString(), "--nthreads", "1", "--no-nanny", "--death-timeout", "20s");
    }

    private static void run(String... command) {
        try {
            DaskJvm.execute(NOWHERE, NOWHERE, command);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The pages, as a browser and Prometheus ask for them.
    private static void look(Path file) throws IOException, InterruptedException {
        ProcessFiles.awaitSchedulerAddress(file, AT_MOST);
        Map<String, @Nullable Object> identity = Json.readObject(Files.readString(file));
        if (identity.get("services") instanceof Map<?, ?> services) {
            for (String path : new String[] {"/metrics", "/status", "/json/identity.json", "/health"}) {
                read(services.get("dashboard") + path, "*/*");
            }
            for (String format : new String[] {"application/openmetrics-text", "application/vnd.google.protobuf"}) {
                read(services.get("dashboard") + "/metrics", format);
            }
        }
    }

    private static void read(String portAndPath, String accept) throws IOException {
        URLConnection connection =
                URI.create("http://127.0.0.1:" + portAndPath).toURL().openConnection();
        connection.setRequestProperty("Accept", accept);
        connection.setRequestProperty("Accept-Encoding", "gzip");
        try (InputStream content = connection.getInputStream()) {
            content.readAllBytes();
        }
    }

    private static void giveUpInTime() {
        try {
            Thread.sleep(AT_MOST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }
}
