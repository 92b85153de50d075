package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import io.github.daskjvm.lab.ZeroCluster.Measured;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What it takes a scheduler to accept tasks and to keep them, before any has run: many in one graph, and as many in
/// many graphs. The one worker never answers, so that all but its first task wait.
@Command(
        name = "ingest",
        description = "Time, memory a task and loop latency while graphs are accepted: Dask's scheduler and ours. Needs"
                + " root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class IngestBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("graphs", "graphs", "%,d"),
            new Column("tasks", "tasks", "%,d"),
            new Column("scheduler", "scheduler", "%s"),
            new Column("seconds", "seconds", "%,.2f"),
            new Column("seconds_least", "least", "%,.2f"),
            new Column("seconds_most", "most", "%,.2f"),
            new Column("scheduler_cpu_us", "scheduler's CPU, µs a task", "%,.1f"),
            new Column("unpacking_cpu_us", "Python's for it", "%,.1f"),
            new Column("client_cpu_us", "client's", "%,.1f"),
            new Column("heap_bytes", "heap, bytes a task", "%,.0f"),
            new Column("resident_bytes", "resident", "%,.0f"),
            new Column("loop_median_ms", "loop latency, ms: 50th", "%,.1f"),
            new Column("loop_p99_ms", "99th", "%,.1f"),
            new Column("loop_most_ms", "most", "%,.0f"),
            new Column("longest_step_ms", "the loop's longest step, ms", "%,.1f"),
            new Column("seconds_ratio", "seconds, Dask's to ours", "%,.2f"),
            new Column("seconds_ratio_least", "least", "%,.2f"),
            new Column("seconds_ratio_most", "most", "%,.2f"));

    @Option(names = "--tasks", description = "how many (default ${DEFAULT-VALUE})")
    private int tasks = 1_000_000;

    @Option(names = "--graphs", split = ",", description = "in how many graphs, a list (default ${DEFAULT-VALUE})")
    private List<Integer> graphs = List.of(1, 1000);

    @Option(names = "--rounds", description = "times each scheduler is started, in turn (default ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--warm-up",
            description = "tasks in a graph before those measured, which stay (default ${DEFAULT-VALUE})")
    private int warmUp = 20_000;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;

    private record Case(int graphs, String scheduler) {}

    /// @param heapBytes what it takes more of the heap than before, after a collection; not known of Python
    /// @param longestStepMs likewise
    private record Ingested(Measured measured, double heapBytes, double residentBytes, double longestStepMs) {
        double seconds() {
            return measured.run().seconds();
        }

        double heapBytesPerTask() {
            return heapBytes / measured.run().tasks();
        }

        double residentBytesPerTask() {
            return residentBytes / measured.run().tasks();
        }
    }

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("zero.py", only);
        Setup python = Setup.of("zero.py", "dask");
        var publication = new Publication(
                "ingest",
                "./dask-jvm lab ingest --tasks %d --graphs %s --rounds %d --warm-up %d"
                        .formatted(
                                tasks,
                                String.join(
                                        ",",
                                        graphs.stream().map(String::valueOf).toList()),
                                rounds,
                                warmUp),
                COLUMNS);
        Map<Case, List<Ingested>> all = new LinkedHashMap<>();
        try (var helper = new StockCluster("helper", python.dask(), python, "zero.py", 1)) {
            for (int count : graphs) {
                for (int round = 0; round < rounds; round++) {
                    for (var scheduler : setup.schedulers().entrySet()) {
                        String name = scheduler.getKey();
                        try (var cluster = new ZeroCluster(
                                name, scheduler.getValue(), setup, helper, new ZeroCluster.Fleet(1, 1, 100, true))) {
                            all.computeIfAbsent(new Case(count, name), c -> new ArrayList<>())
                                    .add(measure(cluster, name, count, setup.folder()));
                        }
                    }
                }
            }
        }
        for (int count : graphs) {
            report(count, all, publication);
        }
        out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder() + ", with what was last on the heap");
        return 0;
    }

    private Ingested measure(ZeroCluster cluster, String scheduler, int count, Path logs) throws IOException {
        cluster.run("ingest1", warmUp);
        boolean isJvm = scheduler.equals("jvm");
        double heapBefore = isJvm ? heapBytes(cluster.scheduler(), logs.resolve("heap-before.txt")) : Double.NaN;
        double residentBefore = PeakMemory.residentBytes(cluster.scheduler().pid());
        Measured measured = cluster.run("ingest" + count, tasks);
        double longestStep = isJvm ? cluster.longestStepMs() : Double.NaN;
        double resident = PeakMemory.residentBytes(cluster.scheduler().pid()) - residentBefore;
        double heap = isJvm ? heapBytes(cluster.scheduler(), logs.resolve("heap-after.txt")) - heapBefore : Double.NaN;
        var ingested = new Ingested(measured, heap, resident, longestStep);
        out.printf(
                "%-5s %,d tasks in %,d graphs  %.2f s  scheduler %.1f µs a task, Python for it %.1f, client %.1f  heap %.0f B,"
                        + " resident %.0f B a task  loop %.1f, %.1f, %.0f ms, longest step %.1f ms%n",
                scheduler,
                measured.run().tasks(),
                count,
                ingested.seconds(),
                measured.run().schedulerMicrosPerTask(),
                measured.helperMicrosPerTask(),
                measured.clientMicrosPerTask(),
                ingested.heapBytesPerTask(),
                ingested.residentBytesPerTask(),
                measured.latency().median(),
                measured.latency().p99(),
                measured.latency().most(),
                longestStep);
        return ingested;
    }

    /// What is alive in a JVM, which it collects for that: the last line of `jcmd PID GC.class_histogram`, less the
    /// objects that the collector puts where it leaves room between live ones (`jdk.internal.vm.FillerElement`).
    ///
    /// @param histogram where all of it is kept
    private static double heapBytes(Process jvm, Path histogram) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        "" + jvm.pid(),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        List<String> lines = jcmd.inputReader().lines().toList();
        Files.write(histogram, lines);
        if (lines.stream().noneMatch(line -> line.startsWith("Total"))) {
            throw new IOException("jcmd did not say what is on the heap: see " + histogram);
        }
        return bytesOf(lines, line -> line.startsWith("Total"))
                - bytesOf(lines, line -> line.contains("jdk.internal.vm.Filler"));
    }

    private static double bytesOf(List<String> histogram, Predicate<String> which) {
        return histogram.stream()
                .filter(which)
                .mapToDouble(line -> Double.parseDouble(line.replaceFirst("^ *\\d+:", "")
                        .strip()
                        .replaceFirst("^Total +", "")
                        .split(" +")[1]))
                .sum();
    }

    private void report(int count, Map<Case, List<Ingested>> ingested, Publication publication) {
        List<Ingested> dask = ingested.getOrDefault(new Case(count, "dask"), List.of());
        for (String scheduler : List.of("dask", "jvm")) {
            List<Ingested> runs = ingested.getOrDefault(new Case(count, scheduler), List.of());
            if (runs.isEmpty()) {
                continue;
            }
            boolean isOurs = scheduler.equals("jvm");
            double[] all = values(runs, Ingested::seconds);
            Spread seconds = Spread.of(all);
            Spread faster = isOurs && !dask.isEmpty()
                    ? Spread.ofRatios(values(dask, Ingested::seconds), all)
                    : Publication.NONE;
            publication.row(
                    count,
                    runs.getFirst().measured().run().tasks(),
                    isOurs ? "ours" : "Dask's",
                    seconds.median(),
                    seconds.least(),
                    seconds.most(),
                    Spread.of(values(runs, i -> i.measured().run().schedulerMicrosPerTask()))
                            .median(),
                    Spread.of(values(runs, i -> i.measured().helperMicrosPerTask()))
                            .median(),
                    Spread.of(values(runs, i -> i.measured().clientMicrosPerTask()))
                            .median(),
                    Spread.of(values(runs, Ingested::heapBytesPerTask)).median(),
                    Spread.of(values(runs, Ingested::residentBytesPerTask)).median(),
                    Spread.of(values(runs, i -> i.measured().latency().median()))
                            .median(),
                    Spread.of(values(runs, i -> i.measured().latency().p99())).median(),
                    Spread.of(values(runs, i -> i.measured().latency().most())).most(),
                    Spread.of(values(runs, Ingested::longestStepMs)).most(),
                    faster.median(),
                    faster.least(),
                    faster.most());
        }
    }

    private static double[] values(List<Ingested> runs, ToDoubleFunction<Ingested> measure) {
        return runs.stream().mapToDouble(measure).toArray();
    }
}
