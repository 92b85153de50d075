package io.github.daskjvm.lab;

import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.lab.StockCluster.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What scheduling costs while others make much of the scheduler's pages: stock workloads in runs with and without.
///
/// What loads the pages needs processor time too, which on a small machine the workload's own workers lack. So there
/// are runs of three kinds, in turn: without; with the same clients at the pages of another scheduler that has nothing
/// to do, which shows what they take from the machine; and with them at the pages of this one. Beside time and CPU of
/// the whole scheduler process, in which the pages are made, there is what its event loop alone had: how long it ran
/// for a task, and how long it waited for a processor.
@Command(
        name = "beside",
        description = "Makespan and CPU per task of a stock workload while the scheduler's pages are asked for by many,"
                + " by slow readers, for hours, or of workers that misbehave. Needs root, for stock Dask in a folder"
                + " of its own.",
        mixinStandardHelpOptions = true)
public final class BesideBenchmark implements Callable<Integer> {
    /// As a Prometheus asks.
    private static final String SCRAPE = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.1\r\nAccept-Encoding: gzip\r\n";

    private static final Map<String, Burden> BURDENS = new LinkedHashMap<>();

    static {
        BURDENS.put(
                "scrapers",
                new Burden(
                        "200 scrapers of /metrics, all at the same moment, every second",
                        0,
                        port -> PageClients.everySecond(port, "/metrics", SCRAPE, 200)));
        BURDENS.put(
                "slow",
                new Burden(
                        "200 readers of /metrics that take a kilobyte a second",
                        0,
                        port -> PageClients.slow(port, "/metrics", 200)));
        BURDENS.put(
                "workers",
                new Burden(
                        "a scraper of /metrics/workers every second, with workers that hang, send garbage, a gigabyte",
                        0,
                        port -> PageClients.everySecond(
                                port, "/metrics/workers", SCRAPE + "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n", 1)));
        BURDENS.put(
                "pages",
                new Burden("100 live pages open", 31, port -> PageClients.streams(port, "/status/stream", 100)));
    }

    /// @param restSeconds how long the scheduler remembers it: records of tasks go on for 30 s after a page was open
    private record Burden(String what, int restSeconds, Starter at) {}

    private interface Starter {
        PageClients start(int port) throws IOException, InterruptedException;
    }

    private enum Where {
        NONE,
        ELSEWHERE,
        HERE
    }

    private record Measure(String name, String unit, ToDoubleFunction<Run> of) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure("makespan", "s", Run::seconds),
            new Measure("scheduler's CPU a task", "µs", Run::schedulerMicrosPerTask),
            new Measure("event loop's CPU a task", "µs", Run::loopMicrosPerTask),
            new Measure("its waits for a processor", "µs", Run::loopWaitedMicrosPerTask));

    @Option(names = "--rounds", description = "runs of each kind for each burden (default ${DEFAULT-VALUE})")
    private int rounds = 4;

    @Option(names = "--warm-up", description = "runs before (default ${DEFAULT-VALUE})")
    private int warmUp = 3;

    @Option(names = "--tasks", description = "no-op tasks of a run (default ${DEFAULT-VALUE})")
    private int tasks = 10_000;

    @Option(names = "--workers", description = "stock workers of one thread each (default ${DEFAULT-VALUE})")
    private int workers = 2;

    @Option(
            names = "--burdens",
            split = ",",
            description = "which, of: ${DEFAULT-VALUE}",
            defaultValue = "scrapers,slow,workers,pages")
    private List<String> burdens = List.of();

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        for (String name : burdens) {
            if (!BURDENS.containsKey(name)) {
                throw new IllegalArgumentException("there is no burden " + name + ", only " + BURDENS.keySet());
            }
        }
        DaskLogging.setLevels(Map.of("distributed.worker", "warning"));
        Setup setup = Setup.of("workloads.py", "jvm");
        Map<String, Map<Where, List<Run>>> all = new LinkedHashMap<>();
        int port = Setup.freePort();
        int otherPort = Setup.freePort();
        try (var cluster = new StockCluster("beside", setup.jvm(port), setup, "workloads.py", workers);
                var other = new StockCluster("other", setup.jvm(otherPort), setup, "workloads.py", 1);
                var faulty = new FaultyWorkers(cluster.address());
                var otherFaulty = new FaultyWorkers(other.address())) {
            for (int i = 0; i < warmUp; i++) {
                print("warm-up", null, cluster.run("map", tasks), "");
            }
            for (String name : burdens) {
                Map<Where, List<Run>> runs = new LinkedHashMap<>();
                all.put(name, runs);
                for (int round = 0; round < rounds; round++) {
                    measure(cluster, name, round, Map.of(Where.HERE, port, Where.ELSEWHERE, otherPort), runs);
                }
            }
        }
        all.forEach(this::report);
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    private void measure(
            StockCluster cluster, String name, int round, Map<Where, Integer> ports, Map<Where, List<Run>> runs)
            throws IOException, InterruptedException {
        Burden burden = BURDENS.get(name);
        if (burden == null) {
            throw new IllegalStateException(name);
        }
        if (round > 0) {
            Thread.sleep(burden.restSeconds() * 1000L);
        }
        List<Where> order = new ArrayList<>(List.of(Where.values()));
        if (burden.restSeconds() == 0 && round % 2 == 1) {
            Collections.reverse(order);
        }
        for (Where where : order) {
            Integer port = ports.get(where);
            Run run;
            if (port == null) {
                run = cluster.run("map", tasks);
                print(name, where, run, "");
            } else {
                try (PageClients clients = burden.at().start(port)) {
                    run = cluster.run("map", tasks);
                    print(name, where, run, clients.got());
                }
            }
            runs.computeIfAbsent(where, w -> new ArrayList<>()).add(run);
        }
    }

    private void print(String name, @Nullable Where where, Run run, String got) {
        var line = new StringBuilder(
                "%-8s %-9s".formatted(name, where == null ? "" : where.name().toLowerCase(Locale.ROOT)));
        for (Measure measure : MEASURES) {
            line.append("  %s %.2f %s".formatted(measure.name, measure.of.applyAsDouble(run), measure.unit));
        }
        out.println(line + (got.isEmpty() ? "" : "  (" + got + ")"));
    }

    private void report(String name, Map<Where, List<Run>> runs) {
        Burden burden = BURDENS.get(name);
        List<Run> without = runs.getOrDefault(Where.NONE, List.of());
        List<Run> elsewhere = runs.getOrDefault(Where.ELSEWHERE, List.of());
        List<Run> here = runs.getOrDefault(Where.HERE, List.of());
        out.printf(
                "%n%s: %s; medians of %d runs of %d tasks, ratios of neighbours [least, most]%n",
                name, burden == null ? "" : burden.what(), rounds, tasks);
        for (Measure measure : MEASURES) {
            out.printf(
                    "  %-26s %7.2f %-2s without, %7.2f with;  with/without %s  elsewhere/without %s  with/elsewhere %s%n",
                    measure.name,
                    Spread.of(values(without, measure)).median(),
                    measure.unit,
                    Spread.of(values(here, measure)).median(),
                    ratio(here, without, measure),
                    ratio(elsewhere, without, measure),
                    ratio(here, elsewhere, measure));
        }
    }

    private static double[] values(List<Run> runs, Measure measure) {
        return runs.stream().mapToDouble(measure.of).toArray();
    }

    private static String ratio(List<Run> these, List<Run> those, Measure measure) {
        return Spread.ofRatios(values(these, measure), values(those, measure)).text("%.2f");
    }
}
