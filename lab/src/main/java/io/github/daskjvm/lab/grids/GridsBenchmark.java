package io.github.daskjvm.lab.grids;

import io.github.daskjvm.lab.Spread;
import io.github.daskjvm.lab.grids.GridSystem.Cost;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The same all-JVM job on dask-jvm, on Hazelcast's `IExecutorService` and on Apache Ignite's compute grid.
///
/// Each system has one client process and one member process, for trees two, all with the same options of the
/// JVM and as many threads for tasks. dask-jvm's scheduler is in the first member's process. All processes of
/// one system are warmed up once and stay; the systems take turns in every round. Every task returns the number
/// it was given, and the client takes and checks every result. What a competent user of each system would write
/// is in [DaskGrid], [HazelcastGrid] and [IgniteGrid].
@Command(
        name = "grids",
        description = "The same Java tasks on dask-jvm, on Hazelcast's executor service and on Apache Ignite's compute"
                + " grid: no-op tasks a second, round trips, trees of 1 MB results, CPU time and allocations a task.",
        mixinStandardHelpOptions = true)
public final class GridsBenchmark implements Callable<Integer> {
    private static final String OURS = "dask-jvm";

    @Option(names = "--rounds", description = "rounds of every row (default ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--tasks", description = "no-op tasks of a round (default ${DEFAULT-VALUE})")
    private int tasks = 50_000;

    @Option(names = "--in-flight", description = "no-op tasks at a time (default ${DEFAULT-VALUE})")
    private int inFlight = 2_000;

    @Option(names = "--round-trips", description = "tasks one at a time, of a round (default ${DEFAULT-VALUE})")
    private int roundTrips = 2_000;

    @Option(names = "--trees", description = "trees of a round, one at a time (default ${DEFAULT-VALUE})")
    private int trees = 10;

    @Option(names = "--leaves", description = "arrays of 1 MB that a tree begins with (default ${DEFAULT-VALUE})")
    private int leaves = 16;

    @Option(names = "--threads", description = "threads for tasks of each member (default ${DEFAULT-VALUE})")
    private int threads = 2;

    @Option(names = "--warm-up", description = "rounds before those that count (default ${DEFAULT-VALUE})")
    private int warmUp = 2;

    @Option(names = "--systems", split = ",", description = "which to measure (default ${DEFAULT-VALUE})")
    private List<String> systems = List.of(OURS, "hazelcast", "ignite");

    @Option(names = "--rows", split = ",", description = "which rows (default ${DEFAULT-VALUE})")
    private List<String> rows = List.of("batch", "submitted", "round-trip", "tree");

    private final PrintStream out = System.out;
    private final Map<String, GridSystem> running = new LinkedHashMap<>();
    /// By row and system.
    private final Map<String, Map<String, List<Cost>>> costs = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("dask-jvm-grids");
        try {
            for (String name : systems) {
                var system = new GridSystem(name, folder, threads);
                running.put(name, system);
                system.addMember();
                system.connect();
            }
            measure(rows.stream().filter(row -> !row.equals("tree")).toList());
            if (rows.contains("tree")) {
                for (GridSystem system : running.values()) {
                    system.addMember();
                    system.connect();
                }
                measure(List.of("tree"));
            }
        } finally {
            for (GridSystem system : running.values()) {
                system.close();
            }
        }
        out.println();
        report();
        out.println("Logs are in " + folder);
        return 0;
    }

    private void measure(List<String> names) throws IOException {
        for (int round = -warmUp; round < rounds; round++) {
            for (String row : names) {
                for (var system : running.entrySet()) {
                    Cost cost = system.getValue().run(command(row));
                    out.printf(
                            "%s %-10s %-9s %s s%n",
                            round < 0 ? "warm-up" : "round " + (round + 1), row, system.getKey(), cost.answer()[0]);
                    if (round >= 0) {
                        costs.computeIfAbsent(row, key -> new LinkedHashMap<>())
                                .computeIfAbsent(system.getKey(), key -> new ArrayList<>())
                                .add(cost);
                    }
                }
            }
        }
    }

    private String command(String row) {
        return switch (row) {
            case "batch", "submitted" -> row + " " + tasks + " " + inFlight;
            case "round-trip" -> row + " " + roundTrips;
            case "tree" -> row + " " + trees + " " + leaves + " " + (1 << 20);
            default -> throw new IllegalArgumentException("there is no row " + row);
        };
    }

    private void report() {
        out.printf(
                "medians of %d rounds [least, most], and ratios to %s's of the same round; client / members%n",
                rounds, OURS);
        for (String row : costs.keySet()) {
            switch (row) {
                case "batch", "submitted" -> {
                    out.println(
                            row.equals("batch")
                                    ? "no-op tasks, submitted all at once, " + inFlight + " in flight"
                                    : "no-op tasks, each submitted by a call, " + inFlight + " in flight");
                    line(row, "tasks a second", cost -> tasks / cost.number(0));
                    perTask(row, tasks);
                }
                case "round-trip" -> {
                    out.println("round trip of one task at a time");
                    line(row, "median, µs", cost -> cost.number(1));
                    line(row, "99th percentile, µs", cost -> cost.number(2));
                    perTask(row, roundTrips);
                }
                default -> {
                    out.println("tree of " + leaves + " arrays of 1 MB, reduced by pairs, of which one is elsewhere");
                    line(row, "ms a tree", cost -> cost.number(0) * 1e3 / trees);
                    line(row, "CPU ms a tree", cost -> cpuNanos(cost) / 1e6 / trees);
                    line(row, "MB allocated a tree", cost -> (cost.clientBytes() + cost.membersBytes()) / 1e6 / trees);
                }
            }
        }
    }

    private void perTask(String row, int count) {
        line(row, "CPU µs a task", cost -> cpuNanos(cost) / 1e3 / count);
        line(row, "  of the client", cost -> cost.clientCpuNanos() / 1e3 / count);
        line(row, "bytes allocated a task", cost -> (double) (cost.clientBytes() + cost.membersBytes()) / count);
        line(row, "  by the client", cost -> (double) cost.clientBytes() / count);
    }

    private static double cpuNanos(Cost cost) {
        return cost.clientCpuNanos() + cost.membersCpuNanos();
    }

    private void line(String row, String what, ToDoubleFunction<Cost> figure) {
        out.printf("  %-24s", what);
        Map<String, List<Cost>> bySystem = costs.getOrDefault(row, Map.of());
        double[] ours = figures(bySystem, OURS, figure);
        for (String system : bySystem.keySet()) {
            double[] these = figures(bySystem, system, figure);
            out.printf("  %s %s", system, text(Spread.of(these)));
            if (!system.equals(OURS) && ours.length == these.length) {
                out.printf(" = x %s", text(Spread.ofRatios(these, ours)));
            }
        }
        out.println();
    }

    private static double[] figures(Map<String, List<Cost>> bySystem, String system, ToDoubleFunction<Cost> figure) {
        return bySystem.getOrDefault(system, List.of()).stream()
                .mapToDouble(figure)
                .toArray();
    }

    private static String text(Spread figures) {
        double median = figures.median();
        return figures.text(median >= 100 ? "%,.0f" : median >= 10 ? "%.1f" : "%.2f");
    }
}
