package io.github.daskjvm.lab;

import io.github.daskjvm.lab.StockCluster.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How good the decisions are that either scheduler takes: the same stock client program on the same stock workers,
/// in turn, and what followed from where and when tasks ran: bytes moved between workers, the most memory that all
/// workers had together, and the time to the result. Each run has a cluster of its own, so that a worker's memory
/// is that run's.
@Command(
        name = "decisions",
        description = "Bytes moved, peak memory and makespan of stock workloads: Dask's scheduler and ours. Needs"
                + " root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class DecisionsBenchmark implements Callable<Integer> {
    @Option(names = "--runs", description = "runs of each workload on each scheduler (default ${DEFAULT-VALUE})")
    private int runs = 5;

    @Option(names = "--workers", description = "stock workers of one thread each (default ${DEFAULT-VALUE})")
    private int workers = 4;

    @Option(
            names = "--workloads",
            split = ",",
            description = "which, of: ${DEFAULT-VALUE}",
            defaultValue = "matmul,transpose,reduction,common,shuffle,fanin,uneven,short")
    private List<String> workloads = List.of();

    private final PrintStream out = System.out;

    private record Measure(String name, String unit, ToDoubleFunction<Run> of) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure("moved", "MB", run -> run.movedBytes() / 1e6),
            new Measure("peak memory", "MB", run -> run.workersPeakBytes() / 1e6),
            new Measure("makespan", "s", Run::seconds));

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("decisions.py", "");
        Map<String, Map<String, List<Run>>> all = new LinkedHashMap<>();
        for (String workload : workloads) {
            for (int i = 0; i < runs; i++) {
                for (var scheduler : setup.schedulers().entrySet()) {
                    String name = scheduler.getKey();
                    try (var cluster = new StockCluster(name, scheduler.getValue(), setup, "decisions.py", workers)) {
                        Run run = cluster.run(workload, 1);
                        all.computeIfAbsent(workload, w -> new LinkedHashMap<>())
                                .computeIfAbsent(name, n -> new ArrayList<>())
                                .add(run);
                        out.printf("%-10s %-5s%s%n", workload, name, values(run));
                    }
                }
            }
        }
        out.printf("%nours over Dask's, ratio of the medians of %d runs [least, most of any pair of runs]%n", runs);
        all.forEach(this::report);
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    private static String values(Run run) {
        var text = new StringBuilder();
        for (Measure measure : MEASURES) {
            text.append("  %s %.1f %s".formatted(measure.name, measure.of.applyAsDouble(run), measure.unit));
        }
        return text.toString();
    }

    private void report(String workload, Map<String, List<Run>> runs) {
        var line = new StringBuilder("%-10s".formatted(workload));
        for (Measure measure : MEASURES) {
            double[] dask = sorted(runs.getOrDefault("dask", List.of()), measure);
            double[] jvm = sorted(runs.getOrDefault("jvm", List.of()), measure);
            line.append("  %s %.2f [%.2f, %.2f] (%.1f / %.1f %s)"
                    .formatted(
                            measure.name,
                            ratio(Setup.median(jvm), Setup.median(dask)),
                            ratio(jvm[0], dask[dask.length - 1]),
                            ratio(jvm[jvm.length - 1], dask[0]),
                            Setup.median(jvm),
                            Setup.median(dask),
                            measure.unit));
        }
        out.println(line);
    }

    /// 1 where there is nothing on either side.
    private static double ratio(double ours, double theirs) {
        return ours == theirs ? 1 : ours / theirs;
    }

    private static double[] sorted(List<Run> runs, Measure measure) {
        return runs.stream().mapToDouble(measure.of).sorted().toArray();
    }
}
