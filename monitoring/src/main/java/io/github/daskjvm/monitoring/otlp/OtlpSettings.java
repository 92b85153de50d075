package io.github.daskjvm.monitoring.otlp;

import java.util.List;
import java.util.Map;

/// Whether OpenTelemetry's standard variables ask for metrics or traces to be sent. Needs none of its classes: they are
/// loaded only where something is sent.
public final class OtlpSettings {
    private static final String OTLP = "otlp";
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private static final String SPOKEN = "http/protobuf";
    private static final String EXPORTER_OF_TRACES = "OTEL_TRACES_EXPORTER";
    private static final String SAMPLER = "OTEL_TRACES_SAMPLER";
    private static final String SAMPLER_ARG = "OTEL_TRACES_SAMPLER_ARG";
    private static final String RATIO = "traceidratio";
    private static final List<String> SAMPLERS = List.of(
            "always_on",
            "always_off",
            RATIO,
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio");

    private OtlpSettings() {}

    /// True where an endpoint is named, and neither `OTEL_SDK_DISABLED` nor `OTEL_METRICS_EXPORTER` says otherwise.
    ///
    /// @throws IllegalArgumentException where another protocol is asked for than the one that is spoken
    public static boolean areOn(Map<String, String> variables) {
        String exporter = text(variables, "OTEL_METRICS_EXPORTER");
        if (!isEndpointNamed(variables, "METRICS")
                || isDisabled(variables)
                || !exporter.isEmpty() && !exporter.equals(OTLP)) {
            return false;
        }
        checkProtocol(variables, "METRICS");
        return true;
    }

    /// True where `OTEL_TRACES_EXPORTER` is `otlp` and an endpoint is named, and `OTEL_SDK_DISABLED` does not say
    /// otherwise: an endpoint alone asks for metrics only.
    ///
    /// @throws IllegalArgumentException where there is no such protocol or sampler, or no such exporter beside it
    public static boolean tracesAreOn(Map<String, String> variables) {
        List<String> exporters = List.of(text(variables, EXPORTER_OF_TRACES).split("\\s*,\\s*"));
        if (!exporters.contains(OTLP) || !isEndpointNamed(variables, "TRACES") || isDisabled(variables)) {
            return false;
        }
        if (exporters.size() > 1) {
            throw new IllegalArgumentException("the variable " + EXPORTER_OF_TRACES + " is '"
                    + text(variables, EXPORTER_OF_TRACES) + "', but traces can only be sent by otlp here");
        }
        checkProtocol(variables, "TRACES");
        checkSampler(variables);
        return true;
    }

    /// True where traces are asked for, but not where to send them.
    public static boolean tracesLackEndpoint(Map<String, String> variables) {
        return text(variables, EXPORTER_OF_TRACES).equals(OTLP)
                && !isEndpointNamed(variables, "TRACES")
                && !isDisabled(variables);
    }

    private static boolean isEndpointNamed(Map<String, String> variables, String signal) {
        return !text(variables, ENDPOINT).isEmpty()
                || !text(variables, "OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT")
                        .isEmpty();
    }

    private static boolean isDisabled(Map<String, String> variables) {
        return text(variables, "OTEL_SDK_DISABLED").equalsIgnoreCase("true");
    }

    private static void checkProtocol(Map<String, String> variables, String signal) {
        String own = "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL";
        String name = text(variables, own).isEmpty() ? PROTOCOL : own;
        String protocol = text(variables, name);
        if (!protocol.isEmpty() && !protocol.equals(SPOKEN)) {
            throw new IllegalArgumentException("the variable " + name + " is '" + protocol + "', but only " + SPOKEN
                    + " is spoken here; the receiver has a port for it, by default 4318");
        }
    }

    private static void checkSampler(Map<String, String> variables) {
        String sampler = text(variables, SAMPLER);
        if (!sampler.isEmpty() && !SAMPLERS.contains(sampler)) {
            throw new IllegalArgumentException("the variable " + SAMPLER + " is '" + sampler
                    + "', but only these samplers are known here: " + String.join(", ", SAMPLERS));
        }
        String ratio = text(variables, SAMPLER_ARG);
        if (sampler.endsWith(RATIO) && !ratio.isEmpty() && !isRatio(ratio)) {
            throw new IllegalArgumentException(
                    "the variable " + SAMPLER_ARG + " is '" + ratio + "', but should be a number from 0.0 to 1.0");
        }
    }

    private static boolean isRatio(String text) {
        try {
            double ratio = Double.parseDouble(text);
            return ratio >= 0 && ratio <= 1;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String text(Map<String, String> variables, String name) {
        return variables.getOrDefault(name, "").strip();
    }
}
