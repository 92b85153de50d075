package io.github.daskjvm.cli;

import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.monitoring.otlp.OtlpSettings;
import io.github.daskjvm.monitoring.otlp.TracePush;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends traces of a scheduler's graphs by OTLP where OpenTelemetry's variables ask for it.
final class Traces {
    private static final Logger LOG = LoggerFactory.getLogger(Traces.class);
    private static final String SERVICE = "dask-scheduler";

    private final @Nullable TracePush push;

    private Traces(@Nullable TracePush push) {
        this.push = push;
    }

    /// @throws CommandFailedException for variables that can not be used
    static Traces of(Map<String, String> variables) {
        if (OtlpSettings.tracesLackEndpoint(variables)) {
            LOG.warn("OTEL_TRACES_EXPORTER is otlp, but OTEL_EXPORTER_OTLP_ENDPOINT does not say where to send traces:"
                    + " none are made");
        }
        try {
            return new Traces(OtlpSettings.tracesAreOn(variables) ? new TracePush(SERVICE, Map.of()) : null);
        } catch (IllegalArgumentException e) {
            throw failed(e);
        }
    }

    static CommandFailedException failed(RuntimeException cause) {
        return new CommandFailedException("traces can not be sent by OTLP: " + cause.getMessage(), cause);
    }

    /// Who is to be told of graphs.
    GraphTracing tracing() {
        return push == null ? GraphTracing.NONE : push.tracing();
    }

    /// Sends what there is, once the scheduler has ended.
    void close() {
        if (push != null) {
            push.close();
        }
    }
}
