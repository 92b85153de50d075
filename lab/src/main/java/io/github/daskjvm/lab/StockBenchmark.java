package io.github.daskjvm.lab;

import io.github.daskjvm.lab.StockCluster.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What a task costs the scheduler process, Dask's own and ours in turn, with the same stock workers and the same
/// stock client program.
///
/// CPU time is the process' own, from the client's call until the scheduler has forgotten the tasks. Our scheduler
/// has graphs unpacked by a worker, which Dask's does itself: the workers' CPU time is shown beside, so that nothing
/// is hidden there. A JVM compiles while it runs for the first time, so the first runs after a start are shown apart,
/// and at the end what all of it cost together, start-up included.
@Command(
        name = "stock",
        description = "CPU time of the scheduler process per task: Dask's own and ours, with the same stock workers"
                + " and client. Needs root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class StockBenchmark implements Callable<Integer> {
    private static final Map<String, Integer> WORKLOADS = new LinkedHashMap<>();

    static {
        WORKLOADS.put("map", 10_000);
        WORKLOADS.put("tree", 10_000);
        WORKLOADS.put("sum", 15_000);
    }

    @Option(names = "--starts", description = "times each scheduler is started, in turn (default ${DEFAULT-VALUE})")
    private int starts = 1;

    @Option(
            names = "--warm-up",
            description = "runs of each workload after a start that are shown apart (default ${DEFAULT-VALUE})")
    private int warmUp = 2;

    @Option(names = "--rounds", description = "runs of each workload after those (default ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--workers", description = "stock workers of one thread each (default ${DEFAULT-VALUE})")
    private int workers = 2;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("workloads.py", only);
        Map<String, Map<String, List<Run>>> cold = new LinkedHashMap<>();
        Map<String, Map<String, List<Run>>> warm = new LinkedHashMap<>();
        Map<String, Double> cpuSeconds = new LinkedHashMap<>();
        for (int start = 0; start < starts; start++) {
            for (var scheduler : setup.schedulers().entrySet()) {
                double seconds = measure(
                        scheduler.getKey() + start,
                        scheduler.getValue(),
                        setup,
                        cold.computeIfAbsent(scheduler.getKey(), k -> new LinkedHashMap<>()),
                        warm.computeIfAbsent(scheduler.getKey(), k -> new LinkedHashMap<>()));
                cpuSeconds.merge(scheduler.getKey(), seconds, Double::sum);
            }
        }
        out.println();
        report("warm-up, the first " + warmUp + " runs after a start", cold);
        report("warm, the " + rounds + " runs after those", warm);
        reportAll(cpuSeconds, cold, warm);
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    /// @return CPU seconds of the scheduler from its start to the end of the last run
    private double measure(
            String name, List<String> command, Setup setup, Map<String, List<Run>> cold, Map<String, List<Run>> warm)
            throws Exception {
        try (var cluster = new StockCluster(name, command, setup, "workloads.py", workers)) {
            for (int round = 0; round < warmUp + rounds; round++) {
                for (var workload : WORKLOADS.entrySet()) {
                    Run run = cluster.run(workload.getKey(), workload.getValue());
                    (round < warmUp ? cold : warm)
                            .computeIfAbsent(workload.getKey(), k -> new ArrayList<>())
                            .add(run);
                    out.printf(
                            "%-6s %-5s %6d tasks  %6.2f s  scheduler %6.2f s = %6.1f µs a task, workers %6.2f s%n",
                            name,
                            workload.getKey(),
                            run.tasks(),
                            run.seconds(),
                            run.schedulerCpuSeconds(),
                            run.schedulerMicrosPerTask(),
                            run.workersCpuSeconds());
                }
            }
            return cluster.schedulerCpuSeconds();
        }
    }

    private void report(String title, Map<String, Map<String, List<Run>>> runs) {
        out.println(title + ": scheduler CPU µs a task, median [least, most]; seconds at the client; workers' CPU s");
        for (String workload : WORKLOADS.keySet()) {
            for (var scheduler : runs.entrySet()) {
                List<Run> these = scheduler.getValue().getOrDefault(workload, List.of());
                if (these.isEmpty()) {
                    continue;
                }
                double[] micros = sorted(
                        these.stream().mapToDouble(Run::schedulerMicrosPerTask).toArray());
                out.printf(
                        "  %-5s %-5s %7.1f [%6.1f, %6.1f]   %6.2f s   %6.2f s%n",
                        workload,
                        scheduler.getKey(),
                        Setup.median(micros),
                        micros[0],
                        micros[micros.length - 1],
                        Setup.median(
                                sorted(these.stream().mapToDouble(Run::seconds).toArray())),
                        Setup.median(sorted(these.stream()
                                .mapToDouble(Run::workersCpuSeconds)
                                .toArray())));
            }
            ratio(workload, runs);
        }
        out.println();
    }

    private void reportAll(
            Map<String, Double> cpuSeconds,
            Map<String, Map<String, List<Run>>> cold,
            Map<String, Map<String, List<Run>>> warm) {
        out.println("all runs and the start-up together: scheduler CPU µs a task");
        double[] micros = new double[2];
        for (var scheduler : cpuSeconds.entrySet()) {
            long tasks = tasks(cold, scheduler.getKey()) + tasks(warm, scheduler.getKey());
            double each = scheduler.getValue() * 1e6 / tasks;
            micros[scheduler.getKey().equals("dask") ? 0 : 1] = each;
            out.printf("  %-5s %7.1f = %.2f s for %d tasks%n", scheduler.getKey(), each, scheduler.getValue(), tasks);
        }
        if (micros[0] > 0 && micros[1] > 0) {
            out.printf("  ratio %7.1f%n", micros[0] / micros[1]);
        }
        out.println();
    }

    private static long tasks(Map<String, Map<String, List<Run>>> runs, String scheduler) {
        return runs.getOrDefault(scheduler, Map.of()).values().stream()
                .flatMap(List::stream)
                .mapToLong(Run::tasks)
                .sum();
    }

    /// The ratio of the medians, and the least and most that any pair of runs gives.
    private void ratio(String workload, Map<String, Map<String, List<Run>>> runs) {
        double[] dask = micros(runs, "dask", workload);
        double[] jvm = micros(runs, "jvm", workload);
        if (dask.length == 0 || jvm.length == 0) {
            return;
        }
        out.printf(
                "  %-5s ratio %7.1f [%6.1f, %6.1f]%n",
                workload,
                Setup.median(dask) / Setup.median(jvm),
                dask[0] / jvm[jvm.length - 1],
                dask[dask.length - 1] / jvm[0]);
    }

    private static double[] micros(Map<String, Map<String, List<Run>>> runs, String scheduler, String workload) {
        return sorted(runs.getOrDefault(scheduler, Map.of()).getOrDefault(workload, List.of()).stream()
                .mapToDouble(Run::schedulerMicrosPerTask)
                .toArray());
    }

    private static double[] sorted(double[] values) {
        Arrays.sort(values);
        return values;
    }
}
