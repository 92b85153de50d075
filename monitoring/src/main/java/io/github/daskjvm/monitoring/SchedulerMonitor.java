package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.aggregate.WorkersPage;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.ServiceDiscovery;
import io.github.daskjvm.monitoring.otlp.OtlpPush;
import io.github.daskjvm.monitoring.status.StatusPages;
import io.github.daskjvm.monitoring.status.StatusSource;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// What a scheduler shows on its dashboard address, under Dask's route names.
public final class SchedulerMonitor implements AutoCloseable {
    private static final long WARM_UP_AFTER_MILLIS = 500;

    private final HttpMonitor server;
    private final StatusPages status;
    private final WorkersPage workers;
    private final MetricsPage metrics;

    private SchedulerMonitor(HttpMonitor server, StatusPages status, WorkersPage workers, MetricsPage metrics) {
        this.metrics = metrics;
        this.server = server;
        this.status = status;
        this.workers = workers;
    }

    /// What there is to show. Each is asked at a request, by any thread, and must not block.
    ///
    /// @param snapshot of the scheduler's state
    /// @param identity what the scheduler answers to the op `identity`, with all workers
    /// @param loop of the scheduler's event loop
    /// @param services of the scheduler beside it
    /// @param status for the live page
    public record Sources(
            Supplier<SchedulerSnapshot> snapshot,
            Supplier<? extends Map<String, ?>> identity,
            Supplier<LoopFigures> loop,
            Supplier<ServiceFigures> services,
            StatusSource status) {}

    /// Listens when it returns.
    ///
    /// @throws java.net.BindException when the port is taken, or the host is none of this machine's
    public static SchedulerMonitor start(MonitorOptions options, Sources sources) throws IOException {
        var metrics = new MetricsPage(
                options.metrics().namespace(), families -> collect(families, options.metrics(), sources));
        Supplier<SchedulerSnapshot> snapshot = sources.snapshot();
        var pages = new HashMap<String, Page>();
        pages.put("/metrics", new Page.Dynamic(metrics::answer));
        pages.put("/health", Page.text(() -> "ok"));
        pages.put("/json/identity.json", Page.json(sources.identity()));
        pages.put("/json/counts.json", Page.json(() -> CountsJson.of(snapshot.get())));
        pages.put("/json/index.html", Page.html(Pages::jsonIndex));
        pages.put("/info", new Page.Redirect("/info/main/workers.html"));
        pages.put("/info/main/workers.html", Page.html(() -> Pages.workers(snapshot.get())));
        var status = new StatusPages(sources.status());
        status.addTo(pages);
        Supplier<ClusterView> cluster = () -> ClusterView.of(sources.identity().get());
        var workers = new WorkersPage(cluster, options.metrics().namespace());
        pages.put(WorkersPage.PATH, new Page.Dynamic(workers::answer));
        var discovery = new ServiceDiscovery(cluster, options.tls().isPresent());
        pages.put(ServiceDiscovery.PATH, new Page.Dynamic(discovery::answer));
        return new SchedulerMonitor(HttpMonitor.start(options, pages), status, workers, metrics);
    }

    /// Sends what `/metrics` shows by OTLP, from now on. Ask [OtlpSettings] first whether that is wanted.
    ///
    /// @param instance what this process is called where no variable says it
    /// @throws RuntimeException that says which variable can not be used
    public static OtlpPush push(MetricOptions options, Sources sources, String instance) {
        var renderer = new FamiliesRenderer(options.namespace(), families -> collect(families, options, sources));
        return OtlpPush.start("dask-scheduler", instance, renderer::all, Map.of());
    }

    private static void collect(Families families, MetricOptions options, Sources sources) {
        SchedulerSnapshot snapshot = sources.snapshot().get();
        ServiceFigures services = sources.services().get();
        families.everywhere(options.labels("scheduler", services.address()));
        families.subsystem("scheduler");
        SchedulerFamilies.add(families, snapshot, options.form());
        MeasuredFamilies.add(families, snapshot);
        MemoryFamilies.add(families, snapshot);
        families.gauge(
                "waiting_graph_keys",
                "Number of keys wanted of graphs that wait for a Python worker to unpack them",
                services.waitingGraphKeys());
        LoopFigures loop = sources.loop().get();
        SchedulerFamilies.add(families, loop);
        MeasuredFamilies.add(families, loop);
        families.counter(
                "gc_collection_seconds",
                "Total time spent on garbage collection",
                JvmFamilies.garbageCollectionSeconds());
        new HandlerFamilies(families)
                .add("loop", loop.times().ops())
                .add("rpc", services.calls().ops())
                .add("stream", services.messages().ops());
        addInfo(families, snapshot, services, ActivityFamilies.add(families, services.workerMetrics()));
        families.counter("last_time", "Monotonic clock of this process, in seconds", System.nanoTime() / 1e9);
        StealingFamilies.add(families.subsystem("stealing"), snapshot);
        SemaphoreFamilies.add(families.subsystem("semaphore"), services.semaphores());
    }

    private static void addInfo(
            Families families, SchedulerSnapshot snapshot, ServiceFigures services, int otherActivities) {
        families.gauges("info", "Which scheduler this is")
                .add(1, "address", services.address(), "java_version", System.getProperty("java.version"));
        families.gauges("labels_in_other", LabelNames.IN_OTHER_HELP)
                .add(PrefixTotals.others(snapshot.prefixes()), "label", LabelNames.PREFIX)
                .add(services.otherSemaphores(), "label", "semaphore")
                .add(services.calls().others() + services.messages().others(), "label", LabelNames.OP)
                .add(otherActivities, "label", LabelNames.ACTIVITY);
    }

    /// Loads what the first scrape needs, in the background and after a moment: half a second, in which a scheduler
    /// that
    /// was just started is busy with workers that register.
    public void warmUp() {
        metrics.warmUp(WARM_UP_AFTER_MILLIS);
    }

    /// The port it listens on, the real one where 0 was asked for.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        status.close();
        server.close();
        workers.close();
    }
}
