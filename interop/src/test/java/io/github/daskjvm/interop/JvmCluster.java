package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A scheduler and workers of ours, each a process of its own with the class path of this test, so that workers find
/// the tasks. Their output is in a folder.
final class JvmCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Path folder;
    private final int port = freePort();
    private final int dashboardPort = freePort();
    private final Process scheduler;
    private final Map<String, Node> workers = new LinkedHashMap<>();

    /// A worker's process and the port of its pages.
    record Node(Process process, int dashboardPort) {
        /// Stops it without its knowing, as SIGSTOP and SIGCONT do.
        void signal(String name) {
            JvmCluster.signal(process, name);
        }
    }

    /// @param settings variables of the scheduler's environment, `NAME=VALUE`
    JvmCluster(Path folder, String... settings) {
        this.folder = folder;
        scheduler = start(
                "scheduler",
                List.of(settings),
                List.of("scheduler", "--host", "127.0.0.1", "--port", String.valueOf(port)),
                dashboardPort);
        await("the scheduler says where it is", () -> {
            assertThat(scheduler.isAlive())
                    .as("scheduler: %s", output("scheduler"))
                    .isTrue();
            return output("scheduler").contains("Scheduler at:");
        });
    }

    String address() {
        return "tcp://127.0.0.1:" + port;
    }

    int dashboardPort() {
        return dashboardPort;
    }

    Map<String, Node> workers() {
        return workers;
    }

    Node addWorker(String name, String... options) {
        return addWorker(List.of(), name, options);
    }

    /// @param settings variables of its environment, `NAME=VALUE`
    Node addWorker(List<String> settings, String name, String... options) {
        int pages = freePort();
        List<String> command = new ArrayList<>(
                List.of("worker", address(), "--name", name, "--host", "127.0.0.1", "--nthreads", "2", "--no-nanny"));
        command.addAll(List.of(options));
        Node node = new Node(start(name, settings, command, pages), pages);
        workers.put(name, node);
        return node;
    }

    void removeWorker(String name) throws InterruptedException {
        Process process = workers.remove(name).process();
        process.destroy();
        process.waitFor();
    }

    private Process start(String name, List<String> settings, List<String> arguments, int pages) {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(settings);
        command.addAll(command(arguments));
        command.addAll(List.of("--dashboard-address", "127.0.0.1:" + pages));
        return launch(command, folder.resolve(name + ".log"));
    }

    /// The command line of `dask-jvm` with these arguments.
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.daskjvm.cli.DaskJvm"));
        command.addAll(arguments);
        return command;
    }

    private String output(String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        workers.values().forEach(worker -> worker.process().destroyForcibly());
        scheduler.destroyForcibly();
    }

    static Process launch(List<String> command, Path log) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("can't start " + command, e);
        }
    }

    static void signal(Process process, String name) {
        run(List.of("kill", "-" + name, String.valueOf(process.pid())));
    }

    static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(command + " failed");
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command + " failed", e);
        }
    }

    static String get(String url) {
        try {
            var request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return HTTP.send(request, BodyHandlers.ofString()).body();
        } catch (IOException | InterruptedException e) {
            return "";
        }
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits until something is so.
    static void await(String what, Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("within " + PATIENCE.toSeconds() + " s it never came about that " + what);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
