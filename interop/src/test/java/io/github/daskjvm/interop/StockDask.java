package io.github.daskjvm.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Python Dask as `interop/stock-dask` has it, where that has been made.
final class StockDask {
    private static final String SCRIPT = Path.of("stock-dask").toAbsolutePath().toString();

    private static final String ARROW_SCRIPT =
            Path.of("arrow-dask").toAbsolutePath().toString();

    private static final String LOAD = """
            import os, sys
            from distributed import Client

            client = Client(sys.argv[1])
            while True:
                blocks = client.map(lambda i: os.urandom(2_000_000), range(60), pure=False)
                client.gather(client.map(len, blocks, pure=False))
            """;

    private static final String HOG = """
            import os, sys, time
            from distributed import Client, get_worker

            def hog(gate):
                worker = get_worker()
                blocks = []
                while worker.monitor.get_process_memory() < 0.95 * worker.memory_manager.memory_limit:
                    blocks.append(bytearray(os.urandom(1_000_000) * 2))
                while not os.path.exists(gate):
                    time.sleep(0.01)

            client = Client(sys.argv[1])
            client.submit(hog, sys.argv[2]).result()
            """;

    /// A worker's main program where the package `prometheus_client` is missing.
    private static final String WITHOUT_PROMETHEUS_CLIENT = """
            import sys
            sys.modules["prometheus_client"] = None
            from distributed.cli.dask_worker import main

            main()
            """;

    private StockDask() {}

    static boolean isThere() throws IOException {
        Process where = new ProcessBuilder(SCRIPT, "where").start();
        String folder = new String(where.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return System.getProperty("user.name").equals("root") && Files.exists(Path.of(folder, ".complete"));
    }

    /// Starts a worker that spills as soon as it holds 50 MB.
    static Process spillingWorker(String scheduler, Path log) {
        List<String> dask = List.of(
                "env",
                "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET=0.05",
                "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False",
                "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False",
                "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE=False",
                "dask",
                "worker");
        return worker(dask, scheduler, log, "--nthreads", "2", "--memory-limit", "1GB");
    }

    static Process scheduler(int port, int pages, Path log) {
        return launch(
                log,
                "dask",
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--dashboard-address",
                "127.0.0.1:" + pages);
    }

    /// Starts a worker that does nothing about its memory but pause, as it does without a nanny.
    static Process pausingWorker(String scheduler, Path log) {
        List<String> dask = List.of(
                "env",
                "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET=False",
                "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False",
                "dask",
                "worker");
        return worker(dask, scheduler, log, "--nthreads", "1", "--memory-limit", "500MB");
    }

    /// Starts a client with a task that takes memory until its worker has 95 % of its limit, and keeps it until
    /// the file `gate` is there.
    static Process hog(String scheduler, Path gate, Path log) {
        return launch(log, "python3", "-c", HOG, scheduler, gate.toString());
    }

    /// Starts a worker of two threads that has no `prometheus_client`, so that its page of metrics is empty.
    static Process workerWithoutMetrics(String scheduler, Path log) {
        List<String> python = List.of("python3", "-c", WITHOUT_PROMETHEUS_CLIENT);
        return worker(python, scheduler, log, "--nthreads", "2", "--memory-limit", "1GB");
    }

    /// Starts a worker of two threads.
    static Process worker(String scheduler, Path log) {
        return worker(List.of("dask", "worker"), scheduler, log, "--nthreads", "2", "--no-dashboard");
    }

    private static Process worker(List<String> command, String scheduler, Path log, String... options) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(scheduler, "--host", "127.0.0.1", "--no-nanny", "--local-directory", log + ".files"));
        whole.addAll(List.of(options));
        return launch(log, whole.toArray(String[]::new));
    }

    /// Whether there is one beside pyarrow, as `interop/arrow-dask` makes it.
    static boolean isBesideArrow() throws IOException {
        Process where = new ProcessBuilder(ARROW_SCRIPT, "where").start();
        String folder = new String(where.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Files.exists(Path.of(folder, ".complete"));
    }

    /// As [#worker(String, Path)], where pyarrow is.
    static Process workerBesideArrow(String scheduler, Path log) {
        List<String> command = List.of(
                ARROW_SCRIPT,
                "run",
                "python",
                "-m",
                "distributed.cli.dask_worker",
                scheduler,
                "--host",
                "127.0.0.1",
                "--no-nanny",
                "--no-dashboard",
                "--nthreads",
                "2",
                "--local-directory",
                log + ".files");
        return JvmCluster.launch(command, log);
    }

    /// Runs a command to its end.
    ///
    /// @param folder is seen inside, and takes the output
    /// @return what it printed
    static String output(Path folder, String... command) throws IOException, InterruptedException {
        Path log = folder.resolve("output.log");
        List<String> whole = new ArrayList<>(List.of(SCRIPT, "run", "--bind", folder.toString()));
        whole.addAll(List.of(command));
        Process process = JvmCluster.launch(whole, log);
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        process.destroy();
        String output = Files.readString(log);
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + (ended ? " failed: " : " did not end: ") + output);
        }
        return output;
    }

    /// Starts a client that has results made and read again, 120 MB at a time, until it is destroyed.
    static Process load(String scheduler, Path log) {
        return launch(log, "python3", "-c", LOAD, scheduler);
    }

    /// Starts a command in it. Destroying the process ends the command.
    private static Process launch(Path log, String... command) {
        List<String> whole = new ArrayList<>(List.of(SCRIPT, "run", "env", "PYTHONDONTWRITEBYTECODE=1"));
        whole.addAll(List.of(command));
        return JvmCluster.launch(whole, log);
    }
}
