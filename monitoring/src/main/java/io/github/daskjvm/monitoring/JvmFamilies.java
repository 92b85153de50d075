package io.github.daskjvm.monitoring;

import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/// What the Prometheus library tells of this process and its JVM, under its standard names: `process_…`, `jvm_…`.
final class JvmFamilies {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Coalesced<MetricSnapshots> scrapes = new Coalesced<>(registry::scrape);

    JvmFamilies() {
        JvmMetrics.builder().register(registry);
    }

    MetricSnapshots scrape() {
        return scrapes.get();
    }

    /// Time that this process has spent collecting garbage since it started.
    static double garbageCollectionSeconds() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            millis += Math.max(0, collector.getCollectionTime());
        }
        return millis / 1e3;
    }
}
