package io.github.daskjvm.monitoring;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The page `/metrics` of one scheduler or worker: its own families, read from a snapshot at each scrape, and those
/// of the process. Nothing is global, so that two workers in one process do not mix. May be called by many threads.
final class MetricsPage {
    /// Dask's, without a character set.
    static final String CONTENT_TYPE = "text/plain; version=0.0.4";

    private final Supplier<List<MetricSnapshots>> own;
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.builder()
            .setIncludeCreatedTimestamps(false)
            .build();
    private @Nullable PrometheusRegistry registry;

    MetricsPage(Supplier<List<MetricSnapshots>> own) {
        this.own = own;
    }

    byte[] render() {
        var page = new ByteArrayOutputStream(16 * 1024);
        try {
            for (MetricSnapshots families : own.get()) {
                writer.write(page, families);
            }
            writer.write(page, registry().scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toByteArray();
    }

    /// Made by the first scrape: the management beans of the JVM cost more to load than all else at start-up.
    private synchronized PrometheusRegistry registry() {
        if (registry == null) {
            registry = new PrometheusRegistry();
            ProcessMetrics.builder().register(registry);
            JvmMemoryMetrics.builder().register(registry);
            JvmGarbageCollectorMetrics.builder().register(registry);
            JvmThreadsMetrics.builder().register(registry);
        }
        return registry;
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
