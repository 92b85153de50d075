package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.monitoring.otlp.OtlpPush;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/// A worker's `/metrics`, `/health` and `/sitemap.json`.
public final class WorkerMonitor implements AutoCloseable {
    private final HttpMonitor server;

    private WorkerMonitor(HttpMonitor server) {
        this.server = server;
    }

    /// Listens when it returns.
    ///
    /// @param snapshot asked at each scrape, by any thread; must not block
    /// @throws java.net.BindException when the port is taken, or the host is none of this machine's
    public static WorkerMonitor start(MonitorOptions options, Supplier<WorkerSnapshot> snapshot) throws IOException {
        var metrics = new MetricsPage(
                options.metrics().namespace(), families -> collect(families, options.metrics(), snapshot.get()));
        return new WorkerMonitor(HttpMonitor.start(
                options, Map.of("/metrics", new Page.Dynamic(metrics::answer), "/health", Page.text(() -> "ok"))));
    }

    /// Sends what `/metrics` shows by OTLP, from now on. Ask [OtlpSettings] first whether that is wanted.
    ///
    /// @param instance what this process is called where no variable says it
    /// @throws RuntimeException that says which variable can not be used
    public static OtlpPush push(MetricOptions options, Supplier<WorkerSnapshot> snapshot, String instance) {
        var renderer =
                new FamiliesRenderer(options.namespace(), families -> collect(families, options, snapshot.get()));
        return OtlpPush.start("dask-worker", instance, renderer::all, Map.of());
    }

    private static void collect(Families families, MetricOptions options, WorkerSnapshot snapshot) {
        families.everywhere(
                options.labels(snapshot.measured().name(), snapshot.measured().address()));
        families.subsystem("worker");
        WorkerFamilies.add(families, snapshot, options.form());
        families.counter(
                "gc_collection_seconds",
                "Total time spent on garbage collection",
                JvmFamilies.garbageCollectionSeconds());
    }

    /// The port it listens on, the real one where 0 was asked for.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
