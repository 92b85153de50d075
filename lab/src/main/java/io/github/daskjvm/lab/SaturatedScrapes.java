package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import io.github.daskjvm.lab.ZeroCluster.Fleet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// How long `/metrics` and pages take while the scheduler has all the work it can do, Dask's and ours in turn, and what
/// asking for them costs that work: runs with and without are neighbours.
final class SaturatedScrapes {
    private static final List<Column> COLUMNS = List.of(
            new Column("page", "page", "%s"),
            new Column("scheduler", "scheduler", "%s"),
            new Column("median_ms", "ms: 50th", "%,.1f"),
            new Column("p99_ms", "99th", "%,.1f"),
            new Column("most_ms", "most", "%,.0f"),
            new Column("asked", "times", "%,d"),
            new Column("bytes", "bytes", "%,d"),
            new Column("median_ratio", "50th, Dask's to ours", "%,.1f"),
            new Column("tasks_per_second", "tasks a second meanwhile", "%,.0f"),
            new Column("tasks_per_second_without", "without", "%,.0f"),
            new Column("throughput_ratio", "with/without", "%.2f"),
            new Column("throughput_ratio_least", "least", "%.2f"),
            new Column("throughput_ratio_most", "most", "%.2f"));

    /// What either scheduler has, by what it is called here.
    private static final Map<String, String> PAGES = new LinkedHashMap<>();

    /// The live page is ours alone: what is timed is its first frame.
    private static final String STREAM = "/status/stream";

    static {
        PAGES.put("/metrics", "/metrics");
        PAGES.put("/info/main/workers.html", "/info/main/workers.html");
        PAGES.put("the live page's first frame", STREAM);
    }

    private final PrintStream out = System.out;
    private final Setup setup;
    private final Fleet fleet;
    private final int tasks;
    private final int rounds;
    private final int repeats;
    private final long intervalNanos;

    /// @param tasks of each map
    /// @param rounds times each scheduler is started
    /// @param repeats maps without, and with each page asked for, of one start
    SaturatedScrapes(Setup setup, int workers, int tasks, int rounds, int repeats, int intervalMillis) {
        this.setup = setup;
        this.fleet = new Fleet(workers, 1, 100, false);
        this.tasks = tasks;
        this.rounds = rounds;
        this.repeats = repeats;
        this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
    }

    private record Case(String page, String scheduler) {}

    /// Of one page of one scheduler.
    private static final class Found {
        final List<Long> nanos = new ArrayList<>();
        final List<Double> with = new ArrayList<>();
        final List<Double> without = new ArrayList<>();
        int bytes;
    }

    Publication run() throws Exception {
        var publication = new Publication(
                "scrape",
                "./dask-jvm lab scrape --saturated --workers %d --tasks %d --rounds %d --repeats %d --interval %d"
                        .formatted(
                                fleet.workers(), tasks, rounds, repeats, TimeUnit.NANOSECONDS.toMillis(intervalNanos)),
                COLUMNS);
        Map<Case, Found> all = new LinkedHashMap<>();
        try (var helper = new StockCluster("helper", setup.dask(), setup, "zero.py", 1)) {
            for (int round = 0; round < rounds; round++) {
                for (String scheduler : setup.schedulers().keySet()) {
                    int port = Setup.freePort();
                    try (var cluster = new ZeroCluster(scheduler, command(scheduler, port), setup, helper, fleet)) {
                        measure(cluster, scheduler, port, all);
                    }
                }
            }
        }
        for (String page : PAGES.keySet()) {
            for (String scheduler : List.of("dask", "jvm")) {
                Found found = all.get(new Case(page, scheduler));
                if (found != null) {
                    report(page, scheduler, found, all.get(new Case(page, "dask")), publication);
                }
            }
        }
        plot(all, publication);
        return publication;
    }

    private List<String> command(String scheduler, int dashboardPort) {
        if (scheduler.equals("jvm")) {
            return setup.jvm(dashboardPort);
        }
        List<String> command = new ArrayList<>(setup.dask());
        command.remove("--no-dashboard");
        command.addAll(List.of("--dashboard-address", "127.0.0.1:" + dashboardPort));
        return command;
    }

    private void measure(ZeroCluster cluster, String scheduler, int port, Map<Case, Found> all) throws IOException {
        cluster.run("map", tasks); // when little is compiled
        for (int repeat = 0; repeat < repeats; repeat++) {
            for (var page : PAGES.entrySet()) {
                if (page.getValue().equals(STREAM) && !scheduler.equals("jvm")) {
                    continue;
                }
                Found found = all.computeIfAbsent(new Case(page.getKey(), scheduler), c -> new Found());
                found.without.add(cluster.run("map", tasks).tasksPerSecond());
                int before = found.nanos.size();
                try (var scraper = new Scraper(port, page.getValue(), found)) {
                    found.with.add(cluster.run("map", tasks).tasksPerSecond());
                    scraper.end();
                }
                out.printf(
                        "%-5s %-28s %,7.0f tasks a second, without %,7.0f; asked %d times%n",
                        scheduler,
                        page.getKey(),
                        found.with.getLast(),
                        found.without.getLast(),
                        found.nanos.size() - before);
            }
        }
    }

    /// Asks for one page again and again.
    private final class Scraper implements AutoCloseable {
        private final Thread thread;
        private final URI uri;
        private final Found found;
        private volatile boolean closed;
        private volatile @Nullable IOException failure;

        Scraper(int port, String path, Found found) {
            this.uri = URI.create("http://127.0.0.1:" + port + path);
            this.found = found;
            this.thread = Thread.ofPlatform().daemon().name("scraper").start(this::ask);
        }

        private void ask() {
            try {
                long dueNanos = System.nanoTime();
                while (!closed) {
                    long startNanos = System.nanoTime();
                    found.bytes = uri.getPath().equals(STREAM) ? frame() : page();
                    found.nanos.add(System.nanoTime() - startNanos);
                    dueNanos = Math.max(dueNanos + intervalNanos, System.nanoTime());
                    LockSupport.parkNanos(dueNanos - System.nanoTime());
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        private InputStream open() throws IOException {
            URLConnection connection = uri.toURL().openConnection();
            connection.setReadTimeout((int) TimeUnit.MINUTES.toMillis(2));
            return connection.getInputStream();
        }

        private int page() throws IOException {
            try (InputStream in = open()) {
                return in.readAllBytes().length;
            }
        }

        /// The data of an event are one line here.
        private int frame() throws IOException {
            try (var in = new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.startsWith("data:")) {
                        return line.length();
                    }
                }
                throw new IOException("the live page ended without a frame");
            }
        }

        /// @throws IOException if a page could not be had
        void end() throws IOException {
            close();
            IOException failed = failure;
            if (failed != null) {
                throw new IOException(uri + ": " + failed.getMessage(), failed);
            }
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// Milliseconds: the 50th, the 99th, the most.
    private static double[] quantiles(Found found) {
        long[] sorted = found.nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return Arrays.stream(new double[] {0.5, 0.99, 1})
                .map(q -> sorted[Math.min(sorted.length - 1, (int) (q * sorted.length))] / 1e6)
                .toArray();
    }

    private static void report(
            String page, String scheduler, Found found, @Nullable Found dask, Publication publication) {
        double[] took = quantiles(found);
        Spread ratio = Spread.ofRatios(doubles(found.with), doubles(found.without));
        publication.row(
                page,
                scheduler.equals("jvm") ? "ours" : "Dask's",
                took[0],
                took[1],
                took[2],
                found.nanos.size(),
                found.bytes,
                dask == null || dask == found ? Double.NaN : quantiles(dask)[0] / took[0],
                Spread.of(doubles(found.with)).median(),
                Spread.of(doubles(found.without)).median(),
                ratio.median(),
                ratio.least(),
                ratio.most());
    }

    private static void plot(Map<Case, Found> all, Publication publication) {
        Found ours = all.get(new Case("/metrics", "jvm"));
        Found dask = all.get(new Case("/metrics", "dask"));
        if (ours != null && dask != null) {
            publication.plot(
                    "/metrics: ms that a scrape takes; the first line is ours, the second Dask's",
                    List.of("50th", "99th", "most"),
                    List.of(quantiles(ours), quantiles(dask)));
        }
    }
}
