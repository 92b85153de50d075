package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Sends metrics by OTLP (`http/protobuf`) again and again, and once more when it is closed, so that the last state of
/// a short-lived process arrives. Where to, how often and as whom is said by OpenTelemetry's standard variables
/// (`OTEL_…`), which its own library reads; it retries too.
public final class OtlpPush implements AutoCloseable {
    private static final long CLOSE_SECONDS = 10;

    private final OpenTelemetrySdk sdk;

    private OtlpPush(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /// @param service `service.name` where no variable names another
    /// @param instance `service.instance.id` where no variable names another
    /// @param metrics asked before each sending, by one thread
    /// @param overrides the library's properties, such as `otel.exporter.otlp.endpoint`, that go before variables
    /// @throws RuntimeException that says which variable can not be used
    public static OtlpPush start(
            String service, String instance, Supplier<List<MetricSnapshot>> metrics, Map<String, String> overrides) {
        long startNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        MetricProducer producer = resource -> new SnapshotConversion(resource, startNanos).all(metrics.get());
        return new OtlpPush(OtelSdk.builder("metrics", service, instance, overrides)
                .addMeterProviderCustomizer((builder, given) -> builder.registerMetricProducer(producer))
                .build()
                .getOpenTelemetrySdk());
    }

    /// Sends once more; gives up after ten seconds.
    @Override
    public void close() {
        sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
