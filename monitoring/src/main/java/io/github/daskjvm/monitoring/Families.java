package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.Histogram;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Collects the metric families of one scrape, each name beginning with namespace and subsystem
/// (`dask_scheduler_`), as Dask builds them.
final class Families {
    private final MetricFormat format;
    private final String namespace;
    private final LabelCache cache;
    private String[] everywhere = {};
    private String prefix = "";
    private final List<Family<?>> families = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    Families(MetricFormat format, String namespace, LabelCache cache) {
        this.format = format;
        this.namespace = namespace;
        this.cache = cache;
    }

    /// Labels of every sample that is added from now on.
    void everywhere(Map<String, String> labels) {
        List<String> pairs = new ArrayList<>();
        labels.forEach((name, value) -> pairs.addAll(List.of(name, value)));
        everywhere = pairs.toArray(String[]::new);
    }

    /// Those labels.
    Labels everywhere() {
        return cache.of(everywhere);
    }

    /// What is added from now on is of this subsystem: `scheduler`, `worker`, `semaphore` or `stealing`.
    Families subsystem(String name) {
        prefix = namespace + "_" + name + "_";
        return this;
    }

    /// A family under construction: [#add] a sample for each set of labels.
    interface Samples {
        /// @param labels name, value, name, value, …
        Samples add(double value, String... labels);
    }

    /// As [Samples], of histograms.
    interface Histograms {
        /// @param labels name, value, name, value, …
        Histograms add(Histogram.Copy value, String... labels);
    }

    /// @param <P> data points of the family
    private record Family<P>(
            boolean counter, String name, String help, List<P> points, Function<Family<P>, MetricSnapshot> snapshot) {
        MetricSnapshot build() {
            return snapshot.apply(this);
        }

        MetricMetadata metadata() {
            return new MetricMetadata(name, help);
        }
    }

    void gauge(String name, String help, double value) {
        gauges(name, help).add(value);
    }

    /// @param name without `_total`, which the format adds
    void counter(String name, String help, double value) {
        counters(name, help).add(value);
    }

    /// A gauge by meaning whose name Dask ends in `_count`. Prometheus keeps that ending for histograms, and
    /// `promtool check metrics` objects to it in a gauge; untyped it may have any name, and queries see
    /// no difference.
    void untyped(String name, String help, double value) {
        untyped(name, help).add(value);
    }

    private Samples untyped(String name, String help) {
        List<UnknownDataPointSnapshot> points =
                family(false, name, help, family -> new UnknownSnapshot(family.metadata(), family.points()));
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                points.add(new UnknownDataPointSnapshot(value, labels(labels), null));
                return this;
            }
        };
    }

    Samples gauges(String name, String help) {
        List<GaugeDataPointSnapshot> points =
                family(false, name, help, family -> new GaugeSnapshot(family.metadata(), family.points()));
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                points.add(new GaugeDataPointSnapshot(value, labels(labels), null));
                return this;
            }
        };
    }

    /// In OpenMetrics a counter `x` is written `x_total` and takes the name `x` as well. Where Dask has a gauge of that
    /// name, which comes first, the counter is one of unknown type there.
    Samples counters(String name, String help) {
        if (format == MetricFormat.OPENMETRICS && names.contains(prefix + name)) {
            return untyped(name + "_total", help);
        }
        List<CounterDataPointSnapshot> points =
                family(true, name, help, family -> new CounterSnapshot(family.metadata(), family.points()));
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                points.add(new CounterDataPointSnapshot(value, labels(labels), null, 0L));
                return this;
            }
        };
    }

    Histograms histograms(String name, String help, Buckets buckets) {
        List<HistogramDataPointSnapshot> points =
                family(false, name, help, family -> new HistogramSnapshot(family.metadata(), family.points()));
        return new Histograms() {
            @Override
            public Histograms add(Histogram.Copy value, String... labels) {
                points.add(buckets.of(value, labels(labels), format));
                return this;
            }
        };
    }

    private <P> List<P> family(
            boolean counter, String name, String help, Function<Family<P>, MetricSnapshot> snapshot) {
        var family = new Family<P>(counter, prefix + name, help, new ArrayList<>(), snapshot);
        families.add(family);
        names.add(family.name());
        return family.points();
    }

    private Labels labels(String... labels) {
        if (everywhere.length == 0) {
            return cache.of(labels);
        }
        String[] all = Arrays.copyOf(everywhere, everywhere.length + labels.length);
        System.arraycopy(labels, 0, all, everywhere.length, labels.length);
        return cache.of(all);
    }

    /// In two sets, but for OpenMetrics: within one the library takes `…_bytes` and `…_bytes_total`, both of which Dask
    /// has, for one name.
    List<MetricSnapshots> build() {
        if (format == MetricFormat.OPENMETRICS) {
            return List.of(
                    new MetricSnapshots(families.stream().map(Family::build).toList()));
        }
        return List.of(
                new MetricSnapshots(families.stream()
                        .filter(family -> !family.counter())
                        .map(Family::build)
                        .toList()),
                new MetricSnapshots(families.stream()
                        .filter(Family::counter)
                        .map(Family::build)
                        .toList()));
    }
}
