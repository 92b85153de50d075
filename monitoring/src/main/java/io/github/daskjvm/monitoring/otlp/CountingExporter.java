package io.github.daskjvm.monitoring.otlp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the spans that are done with: sent, or given up after all attempts.
final class CountingExporter implements SpanExporter {
    private final SpanExporter exporter;
    private final AtomicLong sent;
    private final AtomicLong failed;

    CountingExporter(SpanExporter exporter, AtomicLong sent, AtomicLong failed) {
        this.exporter = exporter;
        this.sent = sent;
        this.failed = failed;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> (result.isSuccess() ? sent : failed).addAndGet(count));
        return result;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
