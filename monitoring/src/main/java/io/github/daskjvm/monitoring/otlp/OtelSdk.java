package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.resources.Resource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// OpenTelemetry's library, set by its standard variables, for one signal.
final class OtelSdk {
    private static final AttributeKey<String> INSTANCE = AttributeKey.stringKey("service.instance.id");
    private static final List<String> SIGNALS = List.of("metrics", "traces", "logs");

    private OtelSdk() {}

    /// @param signal `metrics` or `traces`
    /// @param service `service.name` where no variable names another
    /// @param instance `service.instance.id` likewise
    /// @param overrides the library's properties, such as `otel.exporter.otlp.endpoint`, that go before variables
    static AutoConfiguredOpenTelemetrySdkBuilder builder(
            String signal, String service, String instance, Map<String, String> overrides) {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("otel.service.name", service);
        defaults.put("otel.exporter.otlp.protocol", "http/protobuf");
        // Makes up an instance where none is named; an address says more.
        defaults.put(
                "otel.java.disabled.resource.providers",
                "io.opentelemetry.sdk.autoconfigure.ServiceInstanceIdResourceProvider");
        Map<String, String> fixed = new HashMap<>(overrides);
        for (String each : SIGNALS) {
            fixed.put("otel." + each + ".exporter", each.equals(signal) ? "otlp" : "none");
        }
        // Nothing is received of which a trace could be part.
        fixed.put("otel.propagators", "none");
        return AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() -> defaults)
                .addPropertiesCustomizer(given -> fixed)
                .addResourceCustomizer((resource, given) -> named(resource, given, instance));
    }

    private static Resource named(Resource resource, ConfigProperties given, String instance) {
        return given.getMap("otel.resource.attributes").containsKey(INSTANCE.getKey())
                ? resource
                : resource.merge(Resource.create(Attributes.of(INSTANCE, instance)));
    }
}
