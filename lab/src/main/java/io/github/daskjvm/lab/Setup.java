package io.github.daskjvm.lab;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What benchmarks with stock Dask start from: the checkout, stock Dask in a folder of its own, and how either
/// scheduler is started.
///
/// @param folder a new one, for the client's script and for logs
/// @param stock how to run a command in stock Dask
/// @param daskJvm how to run a command of ours
/// @param schedulers commands by name, `dask` and `jvm`, with `PORT` for the port
record Setup(Path folder, List<String> stock, List<String> daskJvm, Map<String, List<String>> schedulers) {
    /// @param script the client's program, a resource beside this class
    /// @param only `dask` or `jvm` to leave the other out; empty for both
    static Setup of(String script, String only) throws IOException, InterruptedException, URISyntaxException {
        return of(script, only, List.of(root().resolve("dask-jvm").toString()));
    }

    /// @param daskJvm how to run a command of ours
    static Setup of(String script, String only, List<String> daskJvm)
            throws IOException, InterruptedException, URISyntaxException {
        Path root = root();
        List<String> stock = List.of(root.resolve("interop/stock-dask").toString(), "run");
        Path folder = folder(script);
        new ProcessBuilder(root.resolve("interop/stock-dask").toString(), "setup")
                .inheritIO()
                .start()
                .waitFor();
        Map<String, List<String>> schedulers = new LinkedHashMap<>();
        if (!only.equals("jvm")) {
            schedulers.put("dask", dask(stock));
        }
        if (!only.equals("dask")) {
            schedulers.put("jvm", jvm(daskJvm, 0));
        }
        return new Setup(folder, stock, daskJvm, schedulers);
    }

    /// A new one, with the client's program: that of the graphs and its own, one after the other.
    static Path folder(String script) throws IOException {
        Path folder = Files.createTempDirectory("dask-jvm-lab");
        Files.writeString(folder.resolve(script), resource("graphs.py") + "\n\n" + resource(script));
        return folder;
    }

    private static String resource(String name) throws IOException {
        try (InputStream content = Setup.class.getResourceAsStream(name)) {
            if (content == null) {
                throw new IOException(name + " is not in the jar");
            }
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> dask(List<String> stock) {
        List<String> dask = new ArrayList<>(stock);
        dask.addAll(List.of("dask", "scheduler", "--host", "127.0.0.1", "--port", "PORT", "--no-dashboard"));
        return dask;
    }

    /// How Dask's scheduler is started.
    List<String> dask() {
        return dask(stock);
    }

    /// How our scheduler is started, with its pages on a port of one's own.
    ///
    /// @param dashboardPort 0 for any
    List<String> jvm(int dashboardPort) {
        return jvm(daskJvm, dashboardPort);
    }

    private static List<String> jvm(List<String> daskJvm, int dashboardPort) {
        List<String> command = new ArrayList<>(daskJvm);
        command.addAll(List.of(
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "PORT",
                "--dashboard-address",
                "127.0.0.1:" + dashboardPort));
        return command;
    }

    /// How a JVM worker of one thread is started.
    List<String> jvmWorker(String scheduler) {
        List<String> command = new ArrayList<>(daskJvm);
        command.addAll(List.of("worker", scheduler, "--no-nanny", "--nthreads", "1", "--no-dashboard"));
        return command;
    }

    /// This process' class path, also where another process has another folder.
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// The repository: the jar is in `lab/target`.
    static Path root() throws URISyntaxException {
        Path jar = Path.of(
                Setup.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path root = jar.getParent() == null || jar.getParent().getParent() == null
                ? null
                : jar.getParent().getParent().getParent();
        if (root == null || !Files.exists(root.resolve("interop/stock-dask"))) {
            throw new IllegalStateException("this runs from a checkout, by ./dask-jvm lab");
        }
        return root;
    }

    /// @return runs before the one that counts: Dask's scheduler does not compile, so that one is enough for it
    static int warmUps(String scheduler, int wanted) {
        return scheduler.equals("dask") ? Math.min(1, wanted) : wanted;
    }
}
