package io.github.daskjvm.lab;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.monitoring.status.SchedulerStatus;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.coordination.SemaphoreFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How long a scrape of a large scheduler takes, and how much it brings, in each format, over a real connection; or how
/// long scrapes take while the scheduler is busy, beside Dask's ([SaturatedScrapes]).
@Command(
        name = "scrape",
        description = "Fills a scheduler's state with workers and tasks, and scrapes its metrics in each format. With"
                + " --saturated: scrapes Dask's scheduler and ours while a stock client and workers that do nothing keep"
                + " them busy.",
        mixinStandardHelpOptions = true)
final class ScrapeBenchmark implements Callable<Integer> {
    @Option(names = "--saturated", description = "While the scheduler is busy. Needs root, for stock Dask.")
    private boolean saturated;

    @Option(names = "--rounds", defaultValue = "3", description = "Times each is started. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(names = "--repeats", defaultValue = "4", description = "Runs for each page. Default: ${DEFAULT-VALUE}")
    private int repeats;

    @Option(names = "--interval", defaultValue = "100", description = "Milliseconds between. Default: ${DEFAULT-VALUE}")
    private int interval;

    @Option(names = "--only", description = "dask or jvm: measure one alone")
    private String only = "";

    @Option(names = "--publish", description = "put the table of --saturated into docs/benchmarks.md")
    private boolean publish;

    @Option(names = "--workers", description = "Default: 1000; with --saturated 10")
    private @Nullable Integer workers;

    @Option(names = "--tasks", description = "Default: 1000000; with --saturated 20000, of each run")
    private @Nullable Integer tasks;

    @Option(
            names = "--prefixes",
            defaultValue = "1000",
            description = "Task prefixes, of which 500 get metrics of their own. Default: ${DEFAULT-VALUE}")
    private int prefixes;

    @Option(names = "--scrapes", defaultValue = "100", description = "Of each kind. Default: ${DEFAULT-VALUE}")
    private int scrapes;

    @Option(
            names = "--cold",
            description = "Do not load the library before the first scrape, as a scheduler does once it listens.")
    private boolean cold;

    private static final Map<String, String> FORMATS = Map.of(
            "text", "text/plain;version=0.0.4",
            "openmetrics", "application/openmetrics-text;version=1.0.0",
            "protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited");

    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public Integer call() throws Exception {
        if (saturated) {
            Publication publication = new SaturatedScrapes(
                            Setup.of("zero.py", only),
                            workers == null ? 10 : workers,
                            tasks == null ? 20_000 : tasks,
                            rounds,
                            repeats,
                            interval)
                    .run();
            System.out.println(publication.table());
            if (publish) {
                publication.publish(Setup.root());
            }
            return 0;
        }
        int workers = this.workers == null ? 1000 : this.workers;
        SchedulerState state = FilledState.of(workers, tasks == null ? 1_000_000 : tasks, prefixes);
        System.out.printf(
                "%,d workers, %,d tasks, %,d prefixes; median and most of %d scrapes%n",
                workers, state.snapshot().knownTasks(), prefixes, scrapes);
        long[] nanos = new long[scrapes];
        for (int i = 0; i < scrapes; i++) {
            long start = System.nanoTime();
            state.snapshot();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf("the snapshot, on the loop: %.2f ms, most %.2f ms%n", ms(nanos, 0.5), ms(nanos, 1));
        SchedulerSnapshot snapshot = state.snapshot();
        ServiceFigures services = services();
        var sources = new SchedulerMonitor.Sources(
                () -> snapshot, Map::of, () -> LoopFigures.NONE, () -> services, new SchedulerStatus(() -> null));
        try (SchedulerMonitor monitor = SchedulerMonitor.start(MonitorOptions.at("127.0.0.1", 0), sources)) {
            if (!cold) {
                monitor.warmUp();
                Thread.sleep(3000);
            }
            for (String format : List.of("text", "openmetrics", "protobuf")) {
                for (boolean gzip : new boolean[] {false, true}) {
                    scrape(monitor.port(), format, gzip);
                }
            }
        }
        return 0;
    }

    private void scrape(int port, String format, boolean gzip) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .header("Accept", FORMATS.getOrDefault(format, ""));
        if (gzip) {
            request.header("Accept-Encoding", "gzip");
        }
        long[] nanos = new long[scrapes];
        long first = 0;
        int bytes = 0;
        double cpuSeconds = 0;
        for (int i = -scrapes / 2; i < scrapes; i++) {
            if (i == 0) {
                cpuSeconds = -ProcessCpu.seconds(ProcessHandle.current());
            }
            long start = System.nanoTime();
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            long took = System.nanoTime() - start;
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
            bytes = response.body().length;
            if (i == -scrapes / 2) {
                first = took;
            }
            if (i >= 0) {
                nanos[i] = took;
            }
        }
        cpuSeconds += ProcessCpu.seconds(ProcessHandle.current());
        Arrays.sort(nanos);
        System.out.printf(
                "%-12s %-5s %6.1f ms of CPU, server and client; %6.1f ms, most %6.1f ms, the first %6.1f ms, %,9d bytes%n",
                format,
                gzip ? "gzip" : "",
                cpuSeconds * 1e3 / scrapes,
                ms(nanos, 0.5),
                ms(nanos, 1),
                first / 1e6,
                bytes);
    }

    private static double ms(long[] sorted, double quantile) {
        return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * quantile)] / 1e6;
    }

    /// As many as there is room for.
    private static ServiceFigures services() {
        List<OpFigures> ops = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            ops.add(new OpFigures("operation_" + i, i * 1000L, i, i * 1_000_000L));
        }
        var calls = new CallFigures(ops, 0);
        List<SemaphoreFigures> semaphores = new ArrayList<>();
        for (int i = 0; i < 501; i++) {
            semaphores.add(new SemaphoreFigures("lock-of-something-" + i, 1, 1, i, i * 10L, i * 9L, i / 1e3));
        }
        Map<List<@Nullable Object>, Number> metrics = new LinkedHashMap<>();
        for (int i = 0; i < 10_000; i++) {
            metrics.put(
                    List.of("execute", "operation" + i / 10 + "on-blocks", "activity-" + i % 10, "seconds"), i / 10.0);
        }
        return new ServiceFigures("tcp://10.0.0.1:8786", calls, calls, semaphores, 0, 0, metrics);
    }
}
