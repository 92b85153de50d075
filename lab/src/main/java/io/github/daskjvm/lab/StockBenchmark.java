package io.github.daskjvm.lab;

import io.github.daskjvm.lab.StockCluster.Run;
import io.github.daskjvm.lab.StockReport.Case;
import io.github.daskjvm.lab.StockReport.Measured;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What a task costs, Dask's own scheduler and ours in turn, with the same stock workers and the same stock client
/// program: CPU time of each process, and the time until the client has the result.
///
/// CPU time is from the client's call until the scheduler has forgotten the tasks. Our scheduler has some graphs
/// unpacked by a worker, which Dask's does itself: that part of the workers' CPU time is shown, and added. Each
/// round starts both schedulers anew. A JVM compiles while it runs for the first time, so the first run of each graph
/// is shown beside, and at the end what all of it cost together, start-up included.
@Command(
        name = "stock",
        description =
                "CPU time of scheduler, workers and client per task, and makespan: Dask's scheduler and ours, with"
                        + " the same stock workers and client. Needs root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class StockBenchmark implements Callable<Integer> {
    private static final String SCRIPT = "workloads.py";
    /// Enough for workers to have imported what the graphs need.
    private static final int FEW_TASKS = 50;

    @Option(
            names = "--graphs",
            split = ",",
            description = "of map, tree, sum, merge, groupby, shuffle, bag, climatology (default: all)")
    private List<String> graphs = List.of("map", "tree", "sum", "merge", "groupby", "shuffle", "bag", "climatology");

    @Option(names = "--tasks", split = ",", description = "of each graph, about; a list (default ${DEFAULT-VALUE})")
    private List<Integer> tasks = List.of(10_000);

    @Option(
            names = "--lengths",
            split = ",",
            description =
                    "milliseconds that tasks sleep, a list; workers have as many threads as a task has milliseconds,"
                            + " at least one (default ${DEFAULT-VALUE})")
    private List<Integer> lengths = List.of(0, 1, 10, 100);

    @Option(
            names = "--most-sleeping",
            description = "no graph whose tasks sleep has more of them (default ${DEFAULT-VALUE})")
    private int mostSleeping = 2_000;

    @Option(names = "--rounds", description = "times each scheduler is started, in turn (default ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--warm-up",
            description =
                    "runs of each graph without sleep before those measured; with Dask's scheduler, which does not"
                            + " compile, one at most (default ${DEFAULT-VALUE})")
    private int warmUp = 2;

    @Option(
            names = "--runs",
            description = "of each graph without sleep that count, after those (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Option(names = "--workers", description = "stock workers (default ${DEFAULT-VALUE})")
    private int workers = 2;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    @Option(
            names = "--publish",
            arity = "0..1",
            paramLabel = "NAME",
            fallbackValue = "stock",
            description = "put the table into docs/benchmarks.md, where it has NAME (stock, if none is given)")
    private String publish = "";

    private PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of(SCRIPT, only);
        StockReport report = measure(setup);
        Publication publication = report.publication(publish.isEmpty() ? "stock" : publish, command());
        out.println(publication.table());
        if (!publish.isEmpty()) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    StockReport measure(Setup setup) throws IOException, InterruptedException {
        var report = new StockReport(graphs, lengths);
        for (int round = 0; round < rounds; round++) {
            for (var scheduler : setup.schedulers().entrySet()) {
                String name = scheduler.getKey();
                try (var cluster = new StockCluster(name + round, scheduler.getValue(), setup, SCRIPT, workers)) {
                    runs(cluster, name, report);
                }
            }
        }
        return report;
    }

    private void runs(StockCluster cluster, String scheduler, StockReport report)
            throws IOException, InterruptedException {
        int threads = 1;
        for (int length : lengths) {
            if (threads != Math.max(1, length)) {
                threads = length;
                cluster.replaceWorkers(threads);
                for (String graph : graphs) {
                    cluster.run(graph, FEW_TASKS);
                }
            }
            for (int count : counts(length)) {
                for (int i = 0; i < warmUps(scheduler, length); i++) {
                    for (String graph : graphs) {
                        report.addWarmUp(i, measure(cluster, new Case(graph, count, length, scheduler)));
                    }
                }
                for (int i = 0; i < (length == 0 ? runs : 1); i++) {
                    for (String graph : graphs) {
                        report.add(measure(cluster, new Case(graph, count, length, scheduler)));
                    }
                }
            }
            if (length == 0) {
                report.addStart(scheduler, cluster.schedulerCpuSeconds());
            }
        }
    }

    private List<Integer> counts(int length) {
        return length == 0
                ? tasks
                : tasks.stream()
                        .map(count -> Math.min(count, mostSleeping))
                        .distinct()
                        .toList();
    }

    private int warmUps(String scheduler, int length) {
        return length > 0 ? 0 : Setup.warmUps(scheduler, warmUp);
    }

    private Measured measure(StockCluster cluster, Case what) throws IOException {
        double unpackingBefore = cluster.unpackingCpuSeconds();
        Run run = cluster.run("%s %d %s".formatted(what.graph(), what.tasks(), what.milliseconds() / 1e3));
        var measured = new Measured(what, run, cluster.unpackingCpuSeconds() - unpackingBefore);
        out.printf(
                "%-5s %-11s %6d tasks of %3d ms  %6.2f s  scheduler %6.1f µs a task, Python for it %6.1f, workers %6.1f,"
                        + " client %6.1f%n",
                what.scheduler(),
                what.graph(),
                run.tasks(),
                what.milliseconds(),
                run.seconds(),
                run.schedulerMicrosPerTask(),
                measured.unpackingMicrosPerTask(),
                measured.workersMicrosPerTask(),
                measured.clientMicrosPerTask());
        return measured;
    }

    private String command() {
        return ("./dask-jvm lab stock --graphs %s --tasks %s --lengths %s --most-sleeping %d --rounds %d --warm-up %d"
                        + " --runs %d --workers %d")
                .formatted(
                        String.join(",", graphs),
                        list(tasks),
                        list(lengths),
                        mostSleeping,
                        rounds,
                        warmUp,
                        runs,
                        workers);
    }

    private static String list(List<Integer> numbers) {
        return String.join(",", numbers.stream().map(String::valueOf).toList());
    }
}
