package io.github.daskjvm.monitoring.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OtlpPushTest {
    private final LinkedBlockingQueue<ExportMetricsServiceRequest> arrived = new LinkedBlockingQueue<>();
    private final AtomicInteger refuse = new AtomicInteger();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/v1/metrics", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (refuse.getAndDecrement() > 0) {
                exchange.sendResponseHeaders(503, -1);
            } else {
                arrived.add(ExportMetricsServiceRequest.parseFrom(body));
                exchange.sendResponseHeaders(200, -1);
            }
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private OtlpPush push(List<MetricSnapshot> metrics, Map<String, String> more) {
        var overrides = new TreeMap<>(more);
        overrides.put(
                "otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + receiver.getAddress().getPort());
        return OtlpPush.start("dask-test", "tcp://10.0.0.1:8786", () -> metrics, overrides);
    }

    private ExportMetricsServiceRequest next() throws InterruptedException {
        ExportMetricsServiceRequest request = arrived.poll(50, TimeUnit.SECONDS);
        assertThat(request).as("something arrives").isNotNull();
        return request;
    }

    private static Map<String, Metric> metrics(ExportMetricsServiceRequest request) {
        var metrics = new TreeMap<String, Metric>();
        request.getResourceMetrics(0)
                .getScopeMetricsList()
                .forEach(scope -> scope.getMetricsList().forEach(metric -> metrics.put(metric.getName(), metric)));
        return metrics;
    }

    private static Map<String, String> resource(ExportMetricsServiceRequest request) {
        var attributes = new TreeMap<String, String>();
        request.getResourceMetrics(0)
                .getResource()
                .getAttributesList()
                .forEach(a -> attributes.put(a.getKey(), a.getValue().getStringValue()));
        return attributes;
    }

    @Test
    void everyTypeArrivesAsWhatItIs() throws Exception {
        Labels labels = Labels.of("state", "idle");
        var gauges = GaugeSnapshot.builder()
                .name("dask_scheduler_workers")
                .help("Workers")
                .dataPoint(new GaugeDataPointSnapshot(3, labels, null))
                .dataPoint(new GaugeDataPointSnapshot(Double.NaN, Labels.of("state", "none yet"), null))
                .build();
        var counter = CounterSnapshot.builder()
                .name("dask_scheduler_workers_added")
                .dataPoint(new CounterDataPointSnapshot(7, Labels.EMPTY, null, 0L))
                .build();
        var untyped = UnknownSnapshot.builder()
                .name("dask_worker_transfer_incoming_count")
                .dataPoint(new UnknownDataPointSnapshot(2, Labels.EMPTY, null))
                .build();
        var histogram = HistogramSnapshot.builder()
                .name("h")
                .dataPoint(new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(
                                new double[] {0.5, 1, Double.POSITIVE_INFINITY}, new long[] {4, 5, 6}),
                        12.5,
                        Labels.EMPTY,
                        null,
                        0L))
                .build();
        var summary = SummarySnapshot.builder()
                .name("s")
                .dataPoint(new SummaryDataPointSnapshot(
                        4, 2.5, Quantiles.of(new Quantile(0.5, 0.25)), Labels.EMPTY, null, 0L))
                .build();
        push(List.of(gauges, counter, untyped, histogram, summary), Map.of()).close();
        ExportMetricsServiceRequest request = next();
        Map<String, Metric> metrics = metrics(request);
        assertThat(metrics.keySet())
                .containsExactly(
                        "dask_scheduler_workers",
                        "dask_scheduler_workers_added",
                        "dask_worker_transfer_incoming_count",
                        "h",
                        "s");
        Metric workers = metrics.get("dask_scheduler_workers");
        assertThat(workers.getDescription()).isEqualTo("Workers");
        assertThat(workers.getGauge().getDataPointsList()).hasSize(1);
        NumberDataPoint point = workers.getGauge().getDataPoints(0);
        assertThat(point.getAsDouble()).isEqualTo(3);
        assertThat(point.getAttributes(0).getKey()).isEqualTo("state");
        assertThat(point.getAttributes(0).getValue().getStringValue()).isEqualTo("idle");
        var sum = metrics.get("dask_scheduler_workers_added").getSum();
        assertThat(sum.getIsMonotonic()).isTrue();
        assertThat(sum.getAggregationTemporality())
                .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        assertThat(sum.getDataPoints(0).getAsDouble()).isEqualTo(7);
        assertThat(sum.getDataPoints(0).getStartTimeUnixNano())
                .isPositive()
                .isLessThanOrEqualTo(sum.getDataPoints(0).getTimeUnixNano());
        assertThat(metrics.get("dask_worker_transfer_incoming_count")
                        .getGauge()
                        .getDataPoints(0)
                        .getAsDouble())
                .isEqualTo(2);
        var buckets = metrics.get("h").getHistogram().getDataPoints(0);
        assertThat(buckets.getExplicitBoundsList()).containsExactly(0.5, 1.0);
        assertThat(buckets.getBucketCountsList()).containsExactly(4L, 5L, 6L);
        assertThat(buckets.getCount()).isEqualTo(15);
        assertThat(buckets.getSum()).isEqualTo(12.5);
        var quantiles = metrics.get("s").getSummary().getDataPoints(0);
        assertThat(quantiles.getQuantileValues(0).getValue()).isEqualTo(0.25);
        assertThat(resource(request))
                .containsEntry("service.name", "dask-test")
                .containsEntry("service.instance.id", "tcp://10.0.0.1:8786");
    }

    @Test
    void itIsSentAgainAndAgainAsWhoeverItIsToldToBe() throws Exception {
        var one = GaugeSnapshot.builder()
                .name("one")
                .dataPoint(new GaugeDataPointSnapshot(1, Labels.EMPTY, null))
                .build();
        var settings = Map.of(
                "otel.metric.export.interval", "50",
                "otel.service.name", "mine",
                "otel.resource.attributes", "service.instance.id=first,site=here");
        try (OtlpPush push = push(List.of(one), settings)) {
            refuse.set(1);
            for (int i = 0; i < 3; i++) {
                assertThat(resource(next()))
                        .containsEntry("service.name", "mine")
                        .containsEntry("service.instance.id", "first")
                        .containsEntry("site", "here");
            }
        }
    }

    @Test
    void itIsOnWhereAnEndpointIsNamedAndNothingSaysOtherwise() {
        String endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        assertThat(OtlpSettings.areOn(Map.of())).isFalse();
        assertThat(OtlpSettings.areOn(Map.of(endpoint, " "))).isFalse();
        assertThat(OtlpSettings.areOn(Map.of(endpoint, "http://here:4318"))).isTrue();
        assertThat(OtlpSettings.areOn(Map.of("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://here:4318/v1/metrics")))
                .isTrue();
        assertThat(OtlpSettings.areOn(Map.of(endpoint, "http://here:4318", "OTEL_SDK_DISABLED", "True")))
                .isFalse();
        assertThat(OtlpSettings.areOn(Map.of(endpoint, "http://here:4318", "OTEL_METRICS_EXPORTER", "none")))
                .isFalse();
        assertThat(OtlpSettings.areOn(Map.of(
                        endpoint,
                        "http://here:4318",
                        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
                        "http/protobuf",
                        "OTEL_EXPORTER_OTLP_PROTOCOL",
                        "grpc")))
                .isTrue();
        assertThatThrownBy(() ->
                        OtlpSettings.areOn(Map.of(endpoint, "http://here:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
                .hasMessageContaining("OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc'");
    }
}
