package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import io.github.daskjvm.lab.ZeroCluster.Measured;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The scheduler alone: Dask's and ours in turn, a stock client, and workers that answer every task at once.
/// What is left is what the scheduler and the client take. Our scheduler may have graphs unpacked by a Python
/// worker, which Dask's does itself; that worker's CPU time is shown, and added.
@Command(
        name = "zero",
        description = "Tasks a second, CPU a task and loop latency with workers that do nothing: Dask's scheduler and"
                + " ours. Needs root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class ZeroBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("graph", "graph", "%s"),
            new Column("workers", "workers", "%,d"),
            new Column("tasks", "tasks", "%,d"),
            new Column("scheduler", "scheduler", "%s"),
            new Column("tasks_per_second", "tasks a second", "%,.0f"),
            new Column("tasks_per_second_least", "least", "%,.0f"),
            new Column("tasks_per_second_most", "most", "%,.0f"),
            new Column("scheduler_cpu_us", "scheduler's CPU, µs a task", "%,.1f"),
            new Column("unpacking_cpu_us", "Python's for it", "%,.1f"),
            new Column("all_cpu_us", "both", "%,.1f"),
            new Column("client_cpu_us", "client's", "%,.1f"),
            new Column("loop_median_ms", "loop latency, ms: 50th", "%,.1f"),
            new Column("loop_p99_ms", "99th", "%,.1f"),
            new Column("loop_most_ms", "most", "%,.0f"),
            new Column("tasks_ratio", "tasks a second, ours to Dask's", "%,.2f"),
            new Column("tasks_ratio_least", "least", "%,.2f"),
            new Column("tasks_ratio_most", "most", "%,.2f"),
            new Column("cpu_ratio", "CPU of both, Dask's to ours", "%,.1f"),
            new Column("cpu_ratio_least", "least", "%,.1f"),
            new Column("cpu_ratio_most", "most", "%,.1f"));

    @Option(names = "--workers", split = ",", description = "how many, a list (default ${DEFAULT-VALUE})")
    private List<Integer> workers = List.of(1, 10, 100, 1000);

    @Option(names = "--graphs", split = ",", description = "of map, tree, sum (default ${DEFAULT-VALUE})")
    private List<String> graphs = List.of("map", "tree", "sum");

    @Option(names = "--tasks", description = "of each graph, about (default ${DEFAULT-VALUE})")
    private int tasks = 50_000;

    @Option(
            names = "--most-per-worker",
            description =
                    "no graph has more tasks for each worker: one worker has a round trip for every task of Dask's"
                            + " scheduler (default ${DEFAULT-VALUE})")
    private int mostPerWorker = 10_000;

    @Option(names = "--rounds", description = "times each scheduler is started, in turn (default ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--warm-up", description = "runs of each graph before those measured (default ${DEFAULT-VALUE})")
    private int warmUp = 2;

    @Option(names = "--result-bytes", description = "that a result is said to have (default ${DEFAULT-VALUE})")
    private long resultBytes = 100;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;

    private record Case(String graph, int workers, String scheduler) {}

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("zero.py", only);
        Setup python = Setup.of("zero.py", "dask");
        var publication = new Publication("zero", command(), COLUMNS);
        Map<Case, List<Measured>> all = new LinkedHashMap<>();
        try (var helper = new StockCluster("helper", python.dask(), python, "zero.py", 1)) {
            for (int count : workers) {
                for (int round = 0; round < rounds; round++) {
                    for (var scheduler : setup.schedulers().entrySet()) {
                        String name = scheduler.getKey();
                        try (var cluster =
                                new ZeroCluster(name, scheduler.getValue(), setup, helper, count, resultBytes, false)) {
                            measure(cluster, name, count, all);
                        }
                    }
                }
            }
        }
        for (String graph : graphs) {
            for (int count : workers) {
                report(graph, count, all, publication);
            }
            if (setup.schedulers().size() > 1 && workers.size() > 1) {
                publication.plot(
                        graph + ": tasks a second by workers; the first line is ours, the second Dask's",
                        workers,
                        List.of(speeds(graph, "jvm", all), speeds(graph, "dask", all)));
            }
        }
        out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    private String command() {
        return ("./dask-jvm lab zero --workers %s --graphs %s --tasks %d --most-per-worker %d --rounds %d --warm-up %d"
                        + " --result-bytes %d")
                .formatted(
                        String.join(",", workers.stream().map(String::valueOf).toList()),
                        String.join(",", graphs),
                        tasks,
                        mostPerWorker,
                        rounds,
                        warmUp,
                        resultBytes);
    }

    private void measure(ZeroCluster cluster, String scheduler, int count, Map<Case, List<Measured>> all)
            throws Exception {
        int size = (int) Math.min(tasks, (long) mostPerWorker * count);
        for (String graph : graphs) {
            for (int i = 0; i < warmUp; i++) {
                cluster.run(graph, size);
            }
            Measured measured = cluster.run(graph, size);
            all.computeIfAbsent(new Case(graph, count, scheduler), c -> new ArrayList<>())
                    .add(measured);
            out.printf(
                    "%-5s %-5s %4d workers  %,7.0f tasks a second  scheduler %6.1f µs a task, Python for it %6.1f, client"
                            + " %6.1f  loop %.1f, %.1f, %.0f ms%n",
                    scheduler,
                    graph,
                    count,
                    measured.tasksPerSecond(),
                    measured.run().schedulerMicrosPerTask(),
                    measured.helperMicrosPerTask(),
                    measured.clientMicrosPerTask(),
                    measured.latency().median(),
                    measured.latency().p99(),
                    measured.latency().most());
        }
    }

    private double[] speeds(String graph, String scheduler, Map<Case, List<Measured>> all) {
        return workers.stream()
                .mapToDouble(count -> Spread.of(values(
                                all.getOrDefault(new Case(graph, count, scheduler), List.of()),
                                Measured::tasksPerSecond))
                        .median())
                .toArray();
    }

    private void report(String graph, int count, Map<Case, List<Measured>> all, Publication publication) {
        List<Measured> dask = all.getOrDefault(new Case(graph, count, "dask"), List.of());
        for (String scheduler : List.of("dask", "jvm")) {
            List<Measured> runs = all.getOrDefault(new Case(graph, count, scheduler), List.of());
            if (runs.isEmpty()) {
                continue;
            }
            boolean isCompared = scheduler.equals("jvm") && !dask.isEmpty();
            double[] speeds = values(runs, Measured::tasksPerSecond);
            Spread speed = Spread.of(speeds);
            Spread faster =
                    isCompared ? Spread.ofRatios(speeds, values(dask, Measured::tasksPerSecond)) : Publication.NONE;
            Spread cheaper = isCompared
                    ? Spread.ofRatios(
                            values(dask, Measured::allMicrosPerTask), values(runs, Measured::allMicrosPerTask))
                    : Publication.NONE;
            publication.row(
                    graph,
                    count,
                    runs.getFirst().run().tasks(),
                    scheduler.equals("jvm") ? "ours" : "Dask's",
                    speed.median(),
                    speed.least(),
                    speed.most(),
                    Spread.of(values(runs, m -> m.run().schedulerMicrosPerTask()))
                            .median(),
                    Spread.of(values(runs, Measured::helperMicrosPerTask)).median(),
                    Spread.of(values(runs, Measured::allMicrosPerTask)).median(),
                    Spread.of(values(runs, Measured::clientMicrosPerTask)).median(),
                    Spread.of(values(runs, m -> m.latency().median())).median(),
                    Spread.of(values(runs, m -> m.latency().p99())).median(),
                    Spread.of(values(runs, m -> m.latency().most())).most(),
                    faster.median(),
                    faster.least(),
                    faster.most(),
                    cheaper.median(),
                    cheaper.least(),
                    cheaper.most());
        }
    }

    private static double[] values(List<Measured> runs, ToDoubleFunction<Measured> measure) {
        return runs.stream().mapToDouble(measure).toArray();
    }
}
