package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import io.github.daskjvm.lab.ZeroCluster.Fleet;
import io.github.daskjvm.lab.ZeroCluster.Measured;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
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
            new Column("cold_cpu_us", "both, the first run", "%,.1f"),
            new Column("fewest_ratio", "CPU of both to that with the fewest workers", "%,.2f"),
            new Column("fewest_ratio_least", "least", "%,.2f"),
            new Column("fewest_ratio_most", "most", "%,.2f"),
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

    @Option(names = "--threads", description = "that each says it has (default ${DEFAULT-VALUE})")
    private int threads = 1;

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

    @Option(
            names = "--warm-up",
            description =
                    "runs of each graph before those measured; with Dask's scheduler, which does not compile, one at"
                            + " most (default ${DEFAULT-VALUE})")
    private int warmUp = 2;

    @Option(names = "--runs", description = "of each graph that count, after those (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Option(names = "--result-bytes", description = "that a result is said to have (default ${DEFAULT-VALUE})")
    private long resultBytes = 100;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    @Option(
            names = "--publish",
            arity = "0..1",
            paramLabel = "NAME",
            fallbackValue = "zero",
            description = "put the table into docs/benchmarks.md, where it has NAME (zero, if none is given)")
    private String publish = "";

    private final PrintStream out = System.out;

    /// @param cold the first run of a graph by a scheduler, when little is compiled
    private record Case(String graph, int workers, String scheduler, boolean cold) {}

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("zero.py", only);
        Setup python = Setup.of("zero.py", "dask");
        var publication = new Publication(publish.isEmpty() ? "zero" : publish, command(), COLUMNS);
        Map<Case, List<Measured>> all = new LinkedHashMap<>();
        try (var helper = new StockCluster("helper", python.dask(), python, "zero.py", 1)) {
            for (int round = 0; round < rounds; round++) {
                for (int count : workers) {
                    for (var scheduler : setup.schedulers().entrySet()) {
                        String name = scheduler.getKey();
                        try (var cluster = new ZeroCluster(
                                name,
                                scheduler.getValue(),
                                setup,
                                helper,
                                new Fleet(count, threads, resultBytes, false))) {
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
        if (!publish.isEmpty()) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    private String command() {
        return ("./dask-jvm lab zero --workers %s --threads %d --graphs %s --tasks %d --most-per-worker %d --rounds %d --warm-up %d"
                        + " --runs %d --result-bytes %d%s")
                .formatted(
                        String.join(",", workers.stream().map(String::valueOf).toList()),
                        threads,
                        String.join(",", graphs),
                        tasks,
                        mostPerWorker,
                        rounds,
                        warmUp,
                        runs,
                        resultBytes,
                        only.isEmpty() ? "" : " --only " + only);
    }

    private void measure(ZeroCluster cluster, String scheduler, int count, Map<Case, List<Measured>> all)
            throws Exception {
        int size = (int) Math.min(tasks, (long) mostPerWorker * count);
        int warmUps = Setup.warmUps(scheduler, warmUp);
        for (String graph : graphs) {
            for (int i = 0; i < warmUps + runs; i++) {
                Measured measured = cluster.run(graph, size);
                if (i == 0 && warmUps > 0) {
                    add(new Case(graph, count, scheduler, true), measured, all);
                } else if (i >= warmUps) {
                    add(new Case(graph, count, scheduler, false), measured, all);
                }
            }
        }
    }

    private void add(Case at, Measured measured, Map<Case, List<Measured>> all) {
        all.computeIfAbsent(at, c -> new ArrayList<>()).add(measured);
        out.printf(
                "%-5s %-5s %4d workers  %,7.0f tasks a second  scheduler %6.1f µs a task, Python for it %6.1f, client"
                        + " %6.1f  loop %.1f, %.1f, %.0f ms%s%n",
                at.scheduler,
                at.graph,
                at.workers,
                measured.tasksPerSecond(),
                measured.run().schedulerMicrosPerTask(),
                measured.helperMicrosPerTask(),
                measured.clientMicrosPerTask(),
                measured.latency().median(),
                measured.latency().p99(),
                measured.latency().most(),
                at.cold ? "  (the first run)" : "");
    }

    private double[] costs(Case at, Map<Case, List<Measured>> all) {
        return values(all.getOrDefault(at, List.of()), Measured::allMicrosPerTask);
    }

    private double[] speeds(String graph, String scheduler, Map<Case, List<Measured>> all) {
        return workers.stream()
                .mapToDouble(count -> Spread.of(values(
                                all.getOrDefault(new Case(graph, count, scheduler, false), List.of()),
                                Measured::tasksPerSecond))
                        .median())
                .toArray();
    }

    private void report(String graph, int count, Map<Case, List<Measured>> all, Publication publication) {
        List<Measured> dask = all.getOrDefault(new Case(graph, count, "dask", false), List.of());
        for (String scheduler : List.of("dask", "jvm")) {
            List<Measured> runs = all.getOrDefault(new Case(graph, count, scheduler, false), List.of());
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
            double[] cold = costs(new Case(graph, count, scheduler, true), all);
            int fewest = Collections.min(workers);
            Spread growth = count == fewest
                    ? Publication.NONE
                    : Spread.ofRatios(
                            values(runs, Measured::allMicrosPerTask),
                            costs(new Case(graph, fewest, scheduler, false), all));
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
                    cold.length == 0 ? Double.NaN : Spread.of(cold).median(),
                    growth.median(),
                    growth.least(),
                    growth.most(),
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
