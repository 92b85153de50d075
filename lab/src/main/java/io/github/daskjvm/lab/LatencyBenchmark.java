package io.github.daskjvm.lab;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.lab.Publication.Column;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One task at a time, from its submission to its result: stock client and worker with Dask's scheduler and with ours,
/// in turn, and a Java client with either kind of worker. Every task is new, and its future is given up before the
/// next.
@Command(
        name = "latency",
        description = "Submission to result, one task at a time: stock client and worker with Dask's scheduler and with"
                + " ours, Java client and worker with ours. Needs root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
public final class LatencyBenchmark implements Callable<Integer> {
    private static final String SCRIPT = "workloads.py";
    private static final List<Column> COLUMNS = List.of(
            new Column("client", "client", "%s"),
            new Column("scheduler", "scheduler", "%s"),
            new Column("worker", "worker", "%s"),
            new Column("processes", "processes", "%d"),
            new Column("median_us", "µs: 50th", "%,.0f"),
            new Column("p90_us", "90th", "%,.0f"),
            new Column("p99_us", "99th", "%,.0f"),
            new Column("most_us", "most", "%,.0f"),
            new Column("ratio", "50th, Dask's scheduler to this", "%,.1f"),
            new Column("ratio_least", "least", "%,.1f"),
            new Column("ratio_most", "most", "%,.1f"),
            new Column("p99_ratio", "99th, likewise", "%,.1f"),
            new Column("p99_ratio_least", "least", "%,.1f"),
            new Column("p99_ratio_most", "most", "%,.1f"));

    /// Who takes part.
    private enum Way {
        STOCK_ON_DASK("stock", "Dask's", "stock", 3),
        STOCK("stock", "ours", "stock", 3),
        JAVA_TO_STOCK("Java", "ours", "stock", 3),
        JAVA("Java", "ours", "JVM", 3),
        JAVA_IN_ONE("Java", "ours", "JVM", 1);

        private final String client;
        private final String scheduler;
        private final String worker;
        private final int processes;

        Way(String client, String scheduler, String worker, int processes) {
            this.client = client;
            this.scheduler = scheduler;
            this.worker = worker;
            this.processes = processes;
        }

        @Override
        public String toString() {
            return "%s client, %s worker, the scheduler %s, %d processes"
                    .formatted(client, worker, scheduler, processes);
        }
    }

    @Option(names = "--trips", description = "that are measured in each round (default ${DEFAULT-VALUE})")
    private int trips = 2_000;

    @Option(names = "--rounds", description = "times all are started, in turn (default ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--warm-up", description = "seconds of trips before those measured (default ${DEFAULT-VALUE})")
    private double warmUpSeconds = 5;

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;
    private final Map<Way, List<Trips>> measured = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of(SCRIPT, "");
        measure(setup);
        Publication publication = publication();
        out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        out.println("Logs are in " + setup.folder());
        return 0;
    }

    void measure(Setup setup) throws Exception {
        for (int round = 0; round < rounds; round++) {
            try (var cluster = new StockCluster("dask" + round, setup.dask(), setup, SCRIPT, 1)) {
                add(Way.STOCK_ON_DASK, stock(cluster));
            }
            try (var cluster = new StockCluster("jvm" + round, setup.jvm(0), setup, SCRIPT, 1)) {
                add(Way.STOCK, stock(cluster));
                try (Client client = Client.connect(cluster.address())) {
                    add(Way.JAVA_TO_STOCK, java(value -> {
                        try (var future = client.<Long>python("builtins", "abs").submit(value)) {
                            return future.get();
                        }
                    }));
                    withJvmWorker(setup, cluster.address(), "jvm" + round, client);
                }
            }
            try (var cluster = LocalCluster.builder()
                            .workers(1)
                            .threadsPerWorker(1)
                            .start();
                    Client client = cluster.client()) {
                add(Way.JAVA_IN_ONE, java(value -> echo(client, value)));
            }
        }
    }

    private void withJvmWorker(Setup setup, String scheduler, String name, Client client) throws Exception {
        Path log = setup.folder().resolve(name + "-jvm-worker.log");
        var builder = new ProcessBuilder(setup.jvmWorker(scheduler))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("CLASSPATH", Setup.classPath());
        Process worker = builder.start();
        try {
            add(Way.JAVA, java(value -> echo(client, value)));
        } finally {
            worker.destroy();
            if (!worker.waitFor(10, TimeUnit.SECONDS)) {
                worker.destroyForcibly();
            }
        }
    }

    /// Where there is no JVM worker yet, the first waits for it.
    private static long echo(Client client, long value) throws Exception {
        try (var future = client.submit(() -> value)) {
            return future.get();
        }
    }

    private interface Trip {
        long of(long value) throws Exception;
    }

    private Trips java(Trip trip) throws Exception {
        trips(trip, 1);
        long endNanos = System.nanoTime() + (long) (warmUpSeconds * 1e9);
        while (System.nanoTime() < endNanos) {
            trips(trip, 10);
        }
        return Trips.of(trips(trip, trips));
    }

    private static double[] trips(Trip trip, int count) throws Exception {
        double[] seconds = new double[count];
        for (int i = 0; i < count; i++) {
            long startNanos = System.nanoTime();
            long result = trip.of(i);
            seconds[i] = (System.nanoTime() - startNanos) / 1e9;
            if (result != i) {
                throw new IllegalStateException("the result is " + result + ", not " + i);
            }
        }
        return seconds;
    }

    private Trips stock(StockCluster cluster) throws IOException {
        cluster.ask("warm " + warmUpSeconds);
        return Trips.of(cluster.numbers("trips " + trips));
    }

    private void add(Way way, Trips these) {
        measured.computeIfAbsent(way, w -> new ArrayList<>()).add(these);
        out.printf(
                "%-65s  50th %,8.0f µs, 90th %,8.0f, 99th %,8.0f, most %,8.0f%n",
                way, these.medianMicros(), these.p90Micros(), these.p99Micros(), these.mostMicros());
    }

    Publication publication() throws IOException {
        var publication = new Publication(
                "latency",
                "./dask-jvm lab latency --trips %d --rounds %d --warm-up %s".formatted(trips, rounds, warmUpSeconds),
                COLUMNS);
        double[] dask = values(Way.STOCK_ON_DASK, Trips::medianMicros);
        double[] daskP99 = values(Way.STOCK_ON_DASK, Trips::p99Micros);
        for (Way way : Way.values()) {
            boolean isCompared = way != Way.STOCK_ON_DASK;
            Spread ratio = isCompared ? Spread.ofRatios(dask, values(way, Trips::medianMicros)) : Publication.NONE;
            Spread p99Ratio = isCompared ? Spread.ofRatios(daskP99, values(way, Trips::p99Micros)) : Publication.NONE;
            publication.row(
                    way.client,
                    way.scheduler,
                    way.worker,
                    way.processes,
                    median(way, Trips::medianMicros),
                    median(way, Trips::p90Micros),
                    median(way, Trips::p99Micros),
                    Spread.of(values(way, Trips::mostMicros)).most(),
                    ratio.median(),
                    ratio.least(),
                    ratio.most(),
                    p99Ratio.median(),
                    p99Ratio.least(),
                    p99Ratio.most());
        }
        publication.plot(
                "Submission to result, µs; the first line is the 50th percentile, the second the 99th",
                List.of("stock, Dask's", "stock, ours", "Java to stock", "Java", "Java, one process"),
                List.of(medians(Trips::medianMicros), medians(Trips::p99Micros)));
        return publication;
    }

    private double[] medians(ToDoubleFunction<Trips> measure) {
        double[] medians = new double[Way.values().length];
        for (Way way : Way.values()) {
            medians[way.ordinal()] = median(way, measure);
        }
        return medians;
    }

    private double median(Way way, ToDoubleFunction<Trips> measure) {
        return Spread.of(values(way, measure)).median();
    }

    private double[] values(Way way, ToDoubleFunction<Trips> measure) {
        return measured.getOrDefault(way, List.of()).stream()
                .mapToDouble(measure)
                .toArray();
    }
}
