package io.github.daskjvm.monitoring.otlp;

import java.util.Map;

/// Whether OpenTelemetry's standard variables ask for metrics to be sent. Needs none of its classes: they are loaded
/// only where something is sent.
public final class OtlpSettings {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String METRICS_ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private static final String[] PROTOCOLS = {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"};
    private static final String PROTOCOL = "http/protobuf";

    private OtlpSettings() {}

    /// True where an endpoint is named, and neither `OTEL_SDK_DISABLED` nor `OTEL_METRICS_EXPORTER` says otherwise.
    ///
    /// @throws IllegalArgumentException where another protocol is asked for than the one that is spoken
    public static boolean areOn(Map<String, String> variables) {
        if (text(variables, ENDPOINT).isEmpty()
                && text(variables, METRICS_ENDPOINT).isEmpty()) {
            return false;
        }
        if (text(variables, "OTEL_SDK_DISABLED").equalsIgnoreCase("true")) {
            return false;
        }
        String exporter = text(variables, "OTEL_METRICS_EXPORTER");
        if (!exporter.isEmpty() && !exporter.equals("otlp")) {
            return false;
        }
        for (String name : PROTOCOLS) {
            String protocol = text(variables, name);
            if (!protocol.isEmpty()) {
                if (!protocol.equals(PROTOCOL)) {
                    throw new IllegalArgumentException("the variable " + name + " is '" + protocol + "', but only "
                            + PROTOCOL + " is spoken here; the receiver has a port for it, by default 4318");
                }
                return true;
            }
        }
        return true;
    }

    private static String text(Map<String, String> variables, String name) {
        return variables.getOrDefault(name, "").strip();
    }
}
