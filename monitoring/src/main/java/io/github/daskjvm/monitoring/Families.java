package io.github.daskjvm.monitoring;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;

/// Collects the metric families of one scrape, each name beginning with namespace and subsystem
/// (`dask_scheduler_`), as Dask builds them.
final class Families {
    private final String prefix;
    private final List<MetricSnapshot.Builder<?>> gauges = new ArrayList<>();
    private final List<MetricSnapshot.Builder<?>> counters = new ArrayList<>();

    Families(String namespace, String subsystem) {
        this.prefix = namespace + "_" + subsystem + "_";
    }

    /// A family under construction: [#add] a sample for each set of labels.
    interface Samples {
        /// @param labels name, value, name, value, …; names in alphabetical order, as Dask prints them
        Samples add(double value, String... labels);
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
        gauges.add(UnknownSnapshot.builder()
                .name(prefix + name)
                .help(help)
                .dataPoint(new UnknownDataPointSnapshot(value, Labels.EMPTY, null)));
    }

    Samples gauges(String name, String help) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(prefix + name).help(help);
        gauges.add(family);
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                family.dataPoint(new GaugeDataPointSnapshot(value, Labels.of(labels), null));
                return this;
            }
        };
    }

    Samples counters(String name, String help) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(prefix + name).help(help);
        counters.add(family);
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                family.dataPoint(new CounterDataPointSnapshot(value, Labels.of(labels), null, 0L));
                return this;
            }
        };
    }

    /// In two sets: within one the library takes `…_bytes` and `…_bytes_total`, both of which Dask has, for one name.
    List<MetricSnapshots> build() {
        return List.of(build(gauges), build(counters));
    }

    private static MetricSnapshots build(List<MetricSnapshot.Builder<?>> families) {
        var snapshots = MetricSnapshots.builder();
        for (MetricSnapshot.Builder<?> family : families) {
            snapshots.metricSnapshot(family.build());
        }
        return snapshots.build();
    }
}
