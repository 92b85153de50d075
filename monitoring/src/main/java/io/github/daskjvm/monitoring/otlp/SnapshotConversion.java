package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.metrics.data.SummaryData;
import io.opentelemetry.sdk.metrics.data.SummaryPointData;
import io.opentelemetry.sdk.metrics.data.ValueAtQuantile;
import io.opentelemetry.sdk.resources.Resource;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Prometheus' model of metrics as OpenTelemetry's. Names stay as they are, counters' without `_total`, which
/// Prometheus' OTLP receiver adds again. Gauges that have no value yet, `NaN`, are left out.
final class SnapshotConversion {
    private static final InstrumentationScopeInfo SCOPE = InstrumentationScopeInfo.create("dask-jvm");

    private final Resource resource;
    private final long startNanos;
    private final long nowNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());

    /// @param startNanos since 1970, when counters of which nothing else is known were 0
    SnapshotConversion(Resource resource, long startNanos) {
        this.resource = resource;
        this.startNanos = startNanos;
    }

    Collection<MetricData> all(List<MetricSnapshot> snapshots) {
        List<MetricData> metrics = new ArrayList<>(snapshots.size());
        for (MetricSnapshot snapshot : snapshots) {
            MetricData metric = one(snapshot);
            if (metric != null && !metric.isEmpty()) {
                metrics.add(metric);
            }
        }
        return metrics;
    }

    /// Null for a type that OpenTelemetry has none for.
    private @Nullable MetricData one(MetricSnapshot snapshot) {
        return switch (snapshot) {
            case CounterSnapshot counter -> {
                List<DoublePointData> points = new ArrayList<>();
                counter.getDataPoints().forEach(p -> points.add(point(p, p.getValue())));
                yield metric(
                        snapshot,
                        MetricDataType.DOUBLE_SUM,
                        SumData.createDoubleSumData(true, AggregationTemporality.CUMULATIVE, points));
            }
            case GaugeSnapshot gauge -> {
                List<DoublePointData> points = new ArrayList<>();
                gauge.getDataPoints().forEach(p -> addGauge(points, p, p.getValue()));
                yield gauge(snapshot, points);
            }
            case UnknownSnapshot unknown -> {
                List<DoublePointData> points = new ArrayList<>();
                unknown.getDataPoints().forEach(p -> addGauge(points, p, p.getValue()));
                yield gauge(snapshot, points);
            }
            case InfoSnapshot info -> {
                List<DoublePointData> points = new ArrayList<>();
                info.getDataPoints().forEach(p -> addGauge(points, p, 1));
                yield gauge(snapshot, points);
            }
            case HistogramSnapshot histogram -> {
                List<HistogramPointData> points = new ArrayList<>();
                histogram.getDataPoints().forEach(p -> addHistogram(points, p));
                yield metric(
                        snapshot,
                        MetricDataType.HISTOGRAM,
                        HistogramData.create(AggregationTemporality.CUMULATIVE, points));
            }
            case SummarySnapshot summary -> {
                List<SummaryPointData> points = new ArrayList<>();
                summary.getDataPoints().forEach(p -> points.add(summary(p)));
                yield metric(snapshot, MetricDataType.SUMMARY, SummaryData.create(points));
            }
            default -> null;
        };
    }

    private MetricData gauge(MetricSnapshot snapshot, List<DoublePointData> points) {
        return metric(snapshot, MetricDataType.DOUBLE_GAUGE, GaugeData.createDoubleGaugeData(points));
    }

    private MetricData metric(MetricSnapshot snapshot, MetricDataType type, Data<?> data) {
        String help = snapshot.getMetadata().getHelp();
        return new Metric(resource, snapshot.getMetadata().getPrometheusName(), help == null ? "" : help, type, data);
    }

    private void addGauge(List<DoublePointData> points, DataPointSnapshot point, double value) {
        if (!Double.isNaN(value)) {
            points.add(point(point, value));
        }
    }

    private DoublePointData point(DataPointSnapshot point, double value) {
        return DoublePointData.create(start(point), nowNanos, attributes(point.getLabels()), value, List.of());
    }

    private void addHistogram(List<HistogramPointData> points, HistogramSnapshot.HistogramDataPointSnapshot point) {
        if (!point.hasClassicHistogramData()) {
            return;
        }
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        List<Double> bounds = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i++) {
            if (buckets.getUpperBound(i) < Double.POSITIVE_INFINITY) {
                bounds.add(buckets.getUpperBound(i));
            }
            counts.add(buckets.getCount(i));
        }
        points.add(HistogramPointData.create(
                start(point),
                nowNanos,
                attributes(point.getLabels()),
                point.hasSum() ? point.getSum() : 0,
                false,
                0,
                false,
                0,
                bounds,
                counts));
    }

    private SummaryPointData summary(SummarySnapshot.SummaryDataPointSnapshot point) {
        List<ValueAtQuantile> quantiles = new ArrayList<>();
        for (Quantile quantile : point.getQuantiles()) {
            quantiles.add(ValueAtQuantile.create(quantile.getQuantile(), quantile.getValue()));
        }
        return SummaryPointData.create(
                start(point),
                nowNanos,
                attributes(point.getLabels()),
                point.hasCount() ? point.getCount() : 0,
                point.hasSum() ? point.getSum() : 0,
                quantiles);
    }

    private long start(DataPointSnapshot point) {
        return point.hasCreatedTimestamp() && point.getCreatedTimestampMillis() > 0
                ? TimeUnit.MILLISECONDS.toNanos(point.getCreatedTimestampMillis())
                : startNanos;
    }

    private static Attributes attributes(Labels labels) {
        AttributesBuilder attributes = Attributes.builder();
        for (int i = 0; i < labels.size(); i++) {
            attributes.put(labels.getName(i), labels.getValue(i));
        }
        return attributes.build();
    }

    private record Metric(Resource resource, String name, String help, MetricDataType type, Data<?> data)
            implements MetricData {
        @Override
        public Resource getResource() {
            return resource;
        }

        @Override
        public InstrumentationScopeInfo getInstrumentationScopeInfo() {
            return SCOPE;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getDescription() {
            return help;
        }

        /// None: names say the unit.
        @Override
        public String getUnit() {
            return "";
        }

        @Override
        public MetricDataType getType() {
            return type;
        }

        @Override
        public Data<?> getData() {
            return data;
        }
    }
}
