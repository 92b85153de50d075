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
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How long a scheduler stands still for its memory's sake while it is as busy as a stock client and workers that do
/// nothing can make it: until the client holds very many results, and a few graphs more.
@Command(
        name = "pauses",
        description =
                "Longest pause for garbage collection, loop latency, CPU a task and memory with many results held:"
                        + " Dask's scheduler and ours, with its own collector and with others. Needs root, for stock Dask in a"
                        + " folder of its own.",
        mixinStandardHelpOptions = true)
public final class PausesBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("scheduler", "scheduler", "%s"),
            new Column("held", "results held", "%,d"),
            new Column("pause_ms", "longest pause for collection, ms", "%,.1f"),
            new Column("pause_ms_most", "most", "%,.1f"),
            new Column("pauses", "pauses", "%,.0f"),
            new Column("stop_ms", "longest stop, ms", "%,.1f"),
            new Column("stop_ms_most", "most", "%,.1f"),
            new Column("loop_p99_ms", "loop latency, ms: 99th", "%,.1f"),
            new Column("loop_most_ms", "most", "%,.0f"),
            new Column("cpu_us", "scheduler's CPU, µs a task", "%,.1f"),
            new Column("cpu_us_least", "least", "%,.1f"),
            new Column("cpu_us_most", "most", "%,.1f"),
            new Column("resident_gb", "resident in the end, GB", "%,.2f"));

    /// As `-Xlog:gc` has them: the time is the whole pause.
    private static final Pattern PAUSE = Pattern.compile(" Pause .* ([0-9.]+)ms$");

    /// As `-Xlog:safepoint` has them: for whatever reason, and with the time until every thread has stopped.
    private static final Pattern STOP = Pattern.compile(" Total: *([0-9]+) ns");

    private static final List<String> GRAPHS_AFTER = List.of("map", "sum", "map", "sum");

    @Option(names = "--held", description = "results that the client holds in the end (default ${DEFAULT-VALUE})")
    private int held = 1_000_000;

    @Option(names = "--graph", description = "tasks of each graph until then (default ${DEFAULT-VALUE})")
    private int graph = 50_000;

    @Option(
            names = "--after",
            description = "tasks of each graph after that, two maps and two array sums (default ${DEFAULT-VALUE})")
    private int after = 20_000;

    @Option(names = "--rounds", description = "times each is started, in turn (default ${DEFAULT-VALUE})")
    private int rounds = 1;

    @Option(
            names = "--java",
            description = "ours once more with these options for java, such as -XX:+UseParallelGC; may be repeated")
    private List<String> java = List.of();

    @Option(names = "--only", description = "dask or jvm: measure one alone; Dask's takes many minutes for a million")
    private String only = "";

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;

    /// @param pauses all of them, ms; none where it is not known
    /// @param stops likewise
    private record Held(
            double microsPerTask,
            List<Double> pauses,
            List<Double> stops,
            double p99Ms,
            double mostMs,
            double residentGigabytes) {
        double longestPause() {
            return longest(pauses);
        }

        double longestStop() {
            return longest(stops);
        }

        private static double longest(List<Double> all) {
            return all.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        }
    }

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("zero.py", only);
        Publication publication = measure(setup);
        out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    /// Starts each in turn, and measures it.
    Publication measure(Setup setup) throws IOException, InterruptedException {
        Map<String, List<Held>> all = new LinkedHashMap<>();
        try (var helper = new StockCluster("helper", setup.dask(), setup, "zero.py", 1)) {
            for (int round = 0; round < rounds; round++) {
                if (!only.equals("jvm")) {
                    measured(all, "Dask's").add(measure("dask", setup.dask(), setup, helper, null));
                }
                if (!only.equals("dask")) {
                    measured(all, "ours").add(ours("", "stops-%d-own.log".formatted(round), setup, helper));
                    for (int i = 0; i < java.size(); i++) {
                        measured(all, "ours, `" + java.get(i) + "`")
                                .add(ours(java.get(i), "stops-%d-%d.log".formatted(round, i), setup, helper));
                    }
                }
            }
        }
        return publication(all);
    }

    private static List<Held> measured(Map<String, List<Held>> all, String scheduler) {
        return all.computeIfAbsent(scheduler, name -> new ArrayList<>());
    }

    private Held ours(String options, String logName, Setup setup, StockCluster helper) throws IOException {
        Path log = setup.folder().resolve(logName);
        List<String> command = new ArrayList<>();
        command.add("env");
        command.add("JDK_JAVA_OPTIONS=%s -Xlog:gc,safepoint:file=%s".formatted(options, log));
        command.addAll(setup.jvm(0));
        return measure("jvm", command, setup, helper, log);
    }

    private Held measure(String name, List<String> scheduler, Setup setup, StockCluster helper, @Nullable Path log)
            throws IOException {
        try (var cluster = new ZeroCluster(name, scheduler, setup, helper, new ZeroCluster.Fleet(10, 1, 100, false))) {
            List<Measured> runs = new ArrayList<>();
            for (int count = 0; count < held; count += graph) {
                runs.add(run(cluster, "hold", Math.min(graph, held - count)));
            }
            for (String workload : GRAPHS_AFTER) {
                runs.add(run(cluster, workload, after));
            }
            var result = new Held(
                    runs.stream()
                                    .mapToDouble(run -> run.run().schedulerCpuSeconds())
                                    .sum()
                            * 1e6
                            / runs.stream().mapToLong(run -> run.run().tasks()).sum(),
                    log == null ? List.of() : found(PAUSE, log, 1),
                    log == null ? List.of() : found(STOP, log, 1e-6),
                    runs.stream().mapToDouble(run -> run.latency().p99()).max().orElse(Double.NaN),
                    runs.stream().mapToDouble(run -> run.latency().most()).max().orElse(Double.NaN),
                    PeakMemory.residentBytes(cluster.scheduler().pid()) / 1e9);
            out.printf(
                    "%-5s %,d held  %.1f µs a task  longest pause %.1f of %d, longest stop %.1f ms  loop %.1f, %.0f ms"
                            + "  %.2f GB%n",
                    name,
                    held,
                    result.microsPerTask,
                    result.longestPause(),
                    result.pauses.size(),
                    result.longestStop(),
                    result.p99Ms,
                    result.mostMs,
                    result.residentGigabytes);
            return result;
        }
    }

    private Measured run(ZeroCluster cluster, String workload, int tasks) throws IOException {
        Measured measured = cluster.run(workload, tasks);
        out.printf(
                "  %-4s %,d tasks  %.1f µs a task  loop %.1f, %.1f, %.0f ms%n",
                workload,
                measured.run().tasks(),
                measured.run().schedulerMicrosPerTask(),
                measured.latency().median(),
                measured.latency().p99(),
                measured.latency().most());
        return measured;
    }

    private static List<Double> found(Pattern pattern, Path log, double unit) throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.map(pattern::matcher)
                    .filter(Matcher::find)
                    .map(found -> Double.parseDouble(found.group(1)) * unit)
                    .toList();
        }
    }

    private Publication publication(Map<String, List<Held>> all) throws IOException {
        var command = new StringBuilder("./dask-jvm lab pauses --held %d --graph %d --after %d --rounds %d"
                .formatted(held, graph, after, rounds));
        java.forEach(options -> command.append(" --java='").append(options).append('\''));
        if (!only.isEmpty()) {
            command.append(" --only ").append(only);
        }
        var publication = new Publication("pauses", command.toString(), COLUMNS);
        all.forEach((scheduler, runs) -> {
            Spread pause = spread(runs, Held::longestPause);
            Spread stop = spread(runs, Held::longestStop);
            Spread cpu = spread(runs, Held::microsPerTask);
            publication.row(
                    scheduler,
                    held,
                    pause.median(),
                    pause.most(),
                    spread(runs, run -> run.pauses.isEmpty() ? Double.NaN : run.pauses.size())
                            .median(),
                    stop.median(),
                    stop.most(),
                    spread(runs, Held::p99Ms).median(),
                    spread(runs, Held::mostMs).most(),
                    cpu.median(),
                    cpu.least(),
                    cpu.most(),
                    spread(runs, Held::residentGigabytes).median());
        });
        publication.note(
                "Pauses are of the JVM's own log; a stop is for any reason, and with the time until all threads"
                        + " stand. The loop's latency is the highest of all graphs.");
        return publication;
    }

    private static Spread spread(List<Held> runs, ToDoubleFunction<Held> figure) {
        return Spread.of(runs.stream().mapToDouble(figure).toArray());
    }
}
