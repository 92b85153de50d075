package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.util.List;
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
        var metrics = new MetricsPage(() -> collect(options, snapshot.get()));
        return new WorkerMonitor(HttpMonitor.start(
                options,
                Map.of(
                        "/metrics",
                        new Page.Content(MetricsPage.CONTENT_TYPE, metrics::render),
                        "/health",
                        Page.text(() -> "ok"))));
    }

    private static List<MetricSnapshots> collect(MonitorOptions options, WorkerSnapshot snapshot) {
        var families = new Families(options.namespace(), "worker");
        WorkerFamilies.add(families, snapshot, ProcessMemory.residentBytes(), options.unlabelled());
        families.counter(
                "gc_collection_seconds",
                "Total time spent on garbage collection",
                MetricsPage.garbageCollectionSeconds());
        return families.build();
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
