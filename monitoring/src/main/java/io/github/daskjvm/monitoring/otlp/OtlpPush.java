package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Sends metrics by OTLP (`http/protobuf`) again and again, and once more when it is closed, so that the last state of
/// a short-lived process arrives. Where to, how often and as whom is said by OpenTelemetry's standard variables
/// (`OTEL_…`), which its own library reads; it retries too.
public final class OtlpPush implements AutoCloseable {
    private static final AttributeKey<String> INSTANCE = AttributeKey.stringKey("service.instance.id");
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
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("otel.service.name", service);
        defaults.put("otel.exporter.otlp.protocol", "http/protobuf");
        // Only metrics are made here.
        defaults.put("otel.traces.exporter", "none");
        defaults.put("otel.logs.exporter", "none");
        long startNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        MetricProducer producer = resource -> new SnapshotConversion(resource, startNanos).all(metrics.get());
        return new OtlpPush(AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() -> defaults)
                .addPropertiesCustomizer(given -> overrides)
                .addResourceCustomizer((resource, given) -> named(resource, given, instance))
                .addMeterProviderCustomizer((builder, given) -> builder.registerMetricProducer(producer))
                .build()
                .getOpenTelemetrySdk());
    }

    /// The library makes up an instance where none is named; an address says more.
    private static Resource named(Resource resource, ConfigProperties given, String instance) {
        return given.getMap("otel.resource.attributes").containsKey(INSTANCE.getKey())
                ? resource
                : resource.merge(Resource.create(Attributes.of(INSTANCE, instance)));
    }

    /// Sends once more; gives up after ten seconds.
    @Override
    public void close() {
        sdk.getSdkMeterProvider().shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        sdk.close();
    }
}
