package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.scheduler.GraphTracing;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends traces of graphs by OTLP (`http/protobuf`). Where to, as whom, which part of the graphs and in what batches is
/// said by OpenTelemetry's standard variables (`OTEL_…`), which its own library reads; it retries too.
///
/// The event loop's thread only puts records into a bounded queue. A thread of its own takes them out, makes them into
/// spans, and waits for the library whenever its queue could be full: so nothing is lost there, and what there is no
/// room for is dropped, and counted, before it costs anything.
public final class TracePush implements TraceSink, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TracePush.class);
    /// Records that wait to become spans.
    static final int QUEUE_LENGTH = 1 << 16;
    /// Of these, for graphs alone: without its graph a task's spans hang in the air.
    static final int QUEUE_RESERVE = 1 << 12;

    private static final long POLL_MILLIS = 100;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /// The library's own.
    private static final int SPANS_WAITING_MAX = 2048;

    private final String service;
    private final Map<String, String> overrides;
    private final GraphTraces traces;
    private final BlockingQueue<TraceRecord> queue = new ArrayBlockingQueue<>(QUEUE_LENGTH);
    private final PresetIds ids = new PresetIds();
    private final CountDownLatch loopEnded = new CountDownLatch(1);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean closing;

    private Sampler sampler = Sampler.alwaysOff();
    private int spansWaitingMax = SPANS_WAITING_MAX;
    private @Nullable OpenTelemetrySdk sdk;
    private @Nullable Thread thread;

    /// Sends nothing before the scheduler has begun.
    ///
    /// @param service `service.name` where no variable names another
    /// @param overrides the library's properties, such as `otel.exporter.otlp.endpoint`, that go before variables
    public TracePush(String service, Map<String, String> overrides) {
        this.service = service;
        this.overrides = overrides;
        this.traces = new GraphTraces(this, TraceBounds.DEFAULT);
    }

    /// For the scheduler whose graphs are to be traced; for one only.
    public GraphTracing tracing() {
        return new GuardedTracing(traces);
    }

    /// @param address becomes `service.instance.id` where no variable names another
    /// @throws UnusableSettingsException that says which variable can not be used
    @Override
    public void begins(String address) {
        OpenTelemetrySdk started = sdk(address);
        var writer = new SpanWriter(started.getTracer("dask-jvm"), ids);
        sdk = started;
        thread = Thread.ofPlatform().name("traces").daemon(true).start(() -> run(started, writer));
    }

    private OpenTelemetrySdk sdk(String address) {
        try {
            return OtelSdk.builder("traces", service, address, overrides)
                    .addSamplerCustomizer((given, properties) -> {
                        sampler = given;
                        // Asked once for each graph; what gets here is to be sent.
                        return Sampler.alwaysOn();
                    })
                    .addSpanExporterCustomizer((exporter, properties) -> new CountingExporter(exporter, sent, failed))
                    .addTracerProviderCustomizer((builder, properties) -> {
                        spansWaitingMax = properties.getInt("otel.bsp.max.queue.size", SPANS_WAITING_MAX);
                        return builder.setIdGenerator(ids);
                    })
                    .build()
                    .getOpenTelemetrySdk();
        } catch (RuntimeException e) {
            throw new UnusableSettingsException(e);
        }
    }

    @Override
    public boolean isSampled(String traceId) {
        return sampler.shouldSample(Context.root(), traceId, "graph", SpanKind.SERVER, Attributes.empty(), List.of())
                        .getDecision()
                == SamplingDecision.RECORD_AND_SAMPLE;
    }

    @Override
    public boolean offer(TraceRecord record) {
        boolean room = record instanceof TraceRecord.Graph || queue.remainingCapacity() > QUEUE_RESERVE;
        if (room && queue.offer(record)) {
            return true;
        }
        if (dropped.getAndIncrement() == 0) {
            log.warn("Traces are made faster than they can be sent; tasks are left out from now on");
        }
        return false;
    }

    @Override
    public void ends() {
        loopEnded.countDown();
    }

    private void run(OpenTelemetrySdk started, SpanWriter writer) {
        long written = 0;
        try {
            while (true) {
                TraceRecord record = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (record == null) {
                    if (closing) {
                        return;
                    }
                    continue;
                }
                int spans = SpanWriter.spans(record);
                written = awaitRoom(started, written, spans) + spans;
                writer.write(record);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error("no more traces are sent", e);
        }
    }

    /// The library may say that it has flushed while it has not, when it has just done so; so what counts is how many
    /// spans have left it. What has not left within a minute is taken for lost.
    ///
    /// @return how many spans were written that have left, or have yet to
    private long awaitRoom(OpenTelemetrySdk started, long written, int spans) {
        long deadline = System.nanoTime() + FLUSH_NANOS;
        long left = sent.get() + failed.get();
        while (written > left && written - left + spans > spansWaitingMax) {
            if (System.nanoTime() - deadline > 0) {
                return left;
            }
            started.getSdkTracerProvider().forceFlush().join(FLUSH_NANOS, TimeUnit.NANOSECONDS);
            left = sent.get() + failed.get();
        }
        return written;
    }

    /// Records that were dropped, and spans that could not be sent.
    public long lost() {
        return dropped.get() + failed.get();
    }

    /// Waits for the scheduler to end, sends what there is, and gives up after ten seconds.
    @Override
    public void close() {
        Thread running = thread;
        OpenTelemetrySdk started = sdk;
        if (running == null || started == null) {
            return;
        }
        thread = null;
        long deadline = System.nanoTime() + CLOSE_NANOS;
        try {
            boolean ended = loopEnded.await(CLOSE_NANOS / 2, TimeUnit.NANOSECONDS);
            closing = true;
            running.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            boolean shut = started.shutdown()
                    .join(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)
                    .isSuccess();
            if (!ended || !shut || lost() > 0 || !queue.isEmpty()) {
                log.warn(
                        "Not all traces could be sent: {} tasks and graphs had no room, {} spans failed, {} tasks and"
                                + " graphs are left; {} graphs were beyond the bounds",
                        dropped.get(),
                        failed.get(),
                        queue.size(),
                        traces.graphsBeyond());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
