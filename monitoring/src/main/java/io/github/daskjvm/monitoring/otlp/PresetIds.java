package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.sdk.trace.IdGenerator;
import org.jspecify.annotations.Nullable;

/// Gives the next span the ids that it was named by before it was made, and others random ones. For one thread.
final class PresetIds implements IdGenerator {
    private final IdGenerator random = IdGenerator.random();
    private @Nullable SpanRef next;
    private @Nullable String traceId;

    void next(SpanRef ref) {
        next = ref;
    }

    @Override
    public String generateSpanId() {
        SpanRef preset = next;
        next = null;
        traceId = preset == null ? null : preset.traceId();
        return preset == null ? random.generateSpanId() : preset.spanHex();
    }

    /// Asked after the span's own id, and only where the span has no parent.
    @Override
    public String generateTraceId() {
        String preset = traceId;
        return preset == null ? random.generateTraceId() : preset;
    }
}
