package io.github.daskjvm.lab;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What benchmarks with stock Dask start from: the checkout, stock Dask in a folder of its own, and how either
/// scheduler is started.
///
/// @param folder a new one, for the client's script and for logs
/// @param stock how to run a command in stock Dask
/// @param schedulers commands by name, `dask` and `jvm`, with `PORT` for the port
record Setup(Path folder, List<String> stock, Map<String, List<String>> schedulers) {
    /// @param script the client's program, a resource beside this class
    /// @param only `dask` or `jvm` to leave the other out; empty for both
    static Setup of(String script, String only) throws IOException, InterruptedException, URISyntaxException {
        Path root = root();
        List<String> stock = List.of(root.resolve("interop/stock-dask").toString(), "run");
        Path folder = Files.createTempDirectory("dask-jvm-lab");
        try (InputStream content = Setup.class.getResourceAsStream(script)) {
            if (content == null) {
                throw new IOException(script + " is not in the jar");
            }
            Files.copy(content, folder.resolve(script));
        }
        new ProcessBuilder(root.resolve("interop/stock-dask").toString(), "setup")
                .inheritIO()
                .start()
                .waitFor();
        Map<String, List<String>> schedulers = new LinkedHashMap<>();
        if (!only.equals("jvm")) {
            schedulers.put("dask", dask(stock));
        }
        if (!only.equals("dask")) {
            schedulers.put("jvm", jvm(root, 0));
        }
        return new Setup(folder, stock, schedulers);
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
    List<String> jvm(int dashboardPort) throws URISyntaxException {
        return jvm(root(), dashboardPort);
    }

    private static List<String> jvm(Path root, int dashboardPort) {
        return List.of(
                root.resolve("dask-jvm").toString(),
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "PORT",
                "--dashboard-address",
                "127.0.0.1:" + dashboardPort);
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
}
