package io.github.daskjvm.lab;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.lab.LoopProbe.Latency;
import io.github.daskjvm.lab.StockCluster.Run;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A scheduler of either kind, a stock client, and workers that do nothing, in a process of their own.
final class ZeroCluster implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String LONGEST_STEP = "dask_scheduler_tick_duration_maximum_seconds";

    /// What a run cost beside what [Run] has.
    ///
    /// @param helperCpuSeconds of the stock worker that does for our scheduler what needs Python
    /// @param latency of the scheduler's event loop meanwhile
    record Measured(Run run, double clientCpuSeconds, double helperCpuSeconds, Latency latency) {
        double tasksPerSecond() {
            return run.tasks() / run.seconds();
        }

        double clientMicrosPerTask() {
            return clientCpuSeconds * 1e6 / run.tasks();
        }

        double helperMicrosPerTask() {
            return helperCpuSeconds * 1e6 / run.tasks();
        }

        double allMicrosPerTask() {
            return run.schedulerMicrosPerTask() + helperMicrosPerTask();
        }
    }

    private final StockCluster helper;

    /// Whether the helper works for this scheduler; Dask's needs none.
    private final boolean isHelped;

    private final StockCluster cluster;
    private final Process workers;

    /// Workers that do nothing.
    ///
    /// @param threads that each says it has
    /// @param resultBytes that a result is said to have
    /// @param silent whether they do not even say that they have done it
    record Fleet(int workers, int threads, long resultBytes, boolean silent) {}

    /// @param name of the scheduler, `dask` or `jvm`
    /// @param helper a cluster of one stock worker, with a scheduler of its own
    ZeroCluster(String name, List<String> scheduler, Setup setup, StockCluster helper, Fleet fleet) throws IOException {
        this.helper = helper;
        isHelped = name.equals("jvm");
        Address worker = workerOf(helper.address());
        cluster = new StockCluster(name, scheduler, setup, "zero.py", 0);
        workers = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        Setup.classPath(),
                        ZeroWorkers.class.getName(),
                        cluster.address(),
                        worker.host(),
                        "" + worker.port(),
                        "" + fleet.workers,
                        "" + fleet.resultBytes,
                        "" + fleet.silent,
                        "" + fleet.threads)
                .directory(setup.folder().toFile())
                .redirectError(setup.folder().resolve(name + "-workers.log").toFile())
                .start();
        if (workers.inputReader().readLine() == null) {
            close();
            throw new IOException("the workers ended early; their log is in " + setup.folder());
        }
        cluster.run("workers", fleet.workers);
    }

    private static Address workerOf(String scheduler) throws IOException {
        if (identity(scheduler).get("workers") instanceof Map<?, ?> all && !all.isEmpty()) {
            return Address.parse(all.keySet().iterator().next().toString());
        }
        throw new IOException(scheduler + " has no worker");
    }

    private static Map<?, ?> identity(String scheduler) throws IOException {
        try (var pool = new RpcPool(null, TIMEOUT)) {
            Object identity = pool.call(scheduler, Map.of("op", "identity", "reply", true), TIMEOUT);
            return identity instanceof Map<?, ?> map ? map : Map.of();
        } catch (RpcFailure e) {
            throw new IOException(e);
        }
    }

    /// The longest that our scheduler's loop was busy with one thing in the last 10 to 20 seconds, in ms, by its own
    /// metric.
    double longestStepMs() throws IOException {
        if (!(identity(cluster.address()).get("services") instanceof Map<?, ?> services)) {
            throw new IOException("the scheduler does not say where its metrics are");
        }
        try (var metrics = URI.create("http://127.0.0.1:" + services.get("dashboard") + "/metrics")
                .toURL()
                .openStream()) {
            return new String(metrics.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(LONGEST_STEP + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(LONGEST_STEP.length() + 1)) * 1e3)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + LONGEST_STEP + " in the scheduler's metrics"));
        }
    }

    Measured run(String workload, int tasks) throws IOException {
        double clientBefore = cluster.clientCpuSeconds();
        double helperBefore = helper.workersCpu();
        try (var probe = new LoopProbe(cluster.address())) {
            Run run = cluster.run(workload, tasks);
            return new Measured(
                    run,
                    cluster.clientCpuSeconds() - clientBefore,
                    isHelped ? helper.workersCpu() - helperBefore : 0,
                    probe.end());
        }
    }

    Process scheduler() {
        return cluster.scheduler();
    }

    @Override
    public void close() throws IOException {
        try {
            workers.destroy();
            workers.waitFor(10, TimeUnit.SECONDS);
            cluster.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
