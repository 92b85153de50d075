package io.github.daskjvm.monitoring;

import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/// What the Prometheus library tells of this process and its JVM, under its standard names: `process_…`, `jvm_…`.
final class JvmFamilies {
    private @Nullable Labelled labelled;

    /// @param labels that each sample has
    private record Labelled(Labels labels, Coalesced<MetricSnapshots> scrapes) {
        static Labelled of(Labels labels) {
            var registry = new PrometheusRegistry();
            JvmMetrics.builder().constLabels(labels).register(registry);
            return new Labelled(labels, new Coalesced<>(registry::scrape));
        }
    }

    /// @param labels of each sample; made anew where they are others than before, so they should seldom be
    MetricSnapshots scrape(Labels labels) {
        return with(labels).scrapes.get();
    }

    private synchronized Labelled with(Labels labels) {
        Labelled present = labelled;
        if (present == null || !present.labels.equals(labels)) {
            present = Labelled.of(labels);
            labelled = present;
        }
        return present;
    }

    /// Time that this process has stood still since it started, so that garbage could be collected.
    static double garbageCollectionSeconds() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (stops(collector.getName())) {
                millis += Math.max(0, collector.getCollectionTime());
            }
        }
        return millis / 1e3;
    }

    /// Whether the time that the JVM has under this name is of pauses. A concurrent collector has a name for those,
    /// such as `Shenandoah Pauses`, and another for its cycles beside the program, such as `Shenandoah Cycles`.
    static boolean stops(String collector) {
        return !collector.endsWith("Cycles");
    }
}
