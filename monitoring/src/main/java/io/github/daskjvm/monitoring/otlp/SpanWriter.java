package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Failed;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Records as spans; `monitoring/DISCOVERY.md` has their names and attributes. For one thread.
final class SpanWriter {
    private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("dask.client");
    private static final AttributeKey<List<String>> SPANS = AttributeKey.stringArrayKey("dask.spans");
    private static final AttributeKey<Long> WANTED = AttributeKey.longKey("dask.graph.wanted");
    private static final AttributeKey<Long> TASKS = AttributeKey.longKey("dask.graph.tasks");
    private static final AttributeKey<Long> UNTRACED = AttributeKey.longKey("dask.graph.tasks_untraced");
    private static final AttributeKey<Long> ERRED = AttributeKey.longKey("dask.graph.tasks_erred");
    private static final AttributeKey<Long> CANCELLED = AttributeKey.longKey("dask.graph.tasks_cancelled");
    private static final AttributeKey<Long> UNFINISHED = AttributeKey.longKey("dask.graph.tasks_unfinished");
    private static final AttributeKey<Long> DROPPED = AttributeKey.longKey("dask.graph.attempts_dropped");
    private static final AttributeKey<String> UNPACKED_ON = AttributeKey.stringKey("dask.unpack.worker");
    private static final AttributeKey<Double> UNPACK_SECONDS = AttributeKey.doubleKey("dask.unpack.seconds");
    private static final AttributeKey<String> KEY = AttributeKey.stringKey("dask.key");
    private static final AttributeKey<String> PREFIX = AttributeKey.stringKey("dask.prefix");
    private static final AttributeKey<String> GROUP = AttributeKey.stringKey("dask.group");
    private static final AttributeKey<String> WORKER = AttributeKey.stringKey("dask.worker");
    private static final AttributeKey<Long> RUN_ID = AttributeKey.longKey("dask.run_id");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("dask.attempt");
    private static final AttributeKey<Long> DEPENDENCIES = AttributeKey.longKey("dask.dependencies");
    private static final AttributeKey<String> STATE = AttributeKey.stringKey("dask.state");
    private static final AttributeKey<Long> NBYTES = AttributeKey.longKey("dask.nbytes");
    private static final AttributeKey<String> TYPENAME = AttributeKey.stringKey("dask.typename");
    private static final AttributeKey<Double> CLOCK_SHIFT = AttributeKey.doubleKey("dask.clock_shift_seconds");
    private static final AttributeKey<String> PEER = AttributeKey.stringKey("dask.peer");
    // OpenTelemetry's own, by its semantic conventions.
    private static final AttributeKey<Long> THREAD = AttributeKey.longKey("thread.id");
    private static final AttributeKey<String> EXCEPTION_TYPE = AttributeKey.stringKey("exception.type");
    private static final AttributeKey<String> EXCEPTION_MESSAGE = AttributeKey.stringKey("exception.message");
    private static final AttributeKey<String> EXCEPTION_STACKTRACE = AttributeKey.stringKey("exception.stacktrace");

    /// `ValueError('x')` of Python, `java.lang.IllegalStateException: x` of Java.
    private static final Pattern EXCEPTION = Pattern.compile("([A-Za-z_][\\w.$]*)(?:[(:].*)?", Pattern.DOTALL);

    private final Tracer tracer;
    private final PresetIds ids;

    /// @param ids those that the tracer asks
    SpanWriter(Tracer tracer, PresetIds ids) {
        this.tracer = tracer;
        this.ids = ids;
    }

    /// How many spans the record becomes.
    static int spans(TraceRecord record) {
        return switch (record) {
            case TraceRecord.Graph graph -> 2;
            case TraceRecord.Attempt attempt -> 2 + attempt.actions().size();
        };
    }

    void write(TraceRecord record) {
        switch (record) {
            case TraceRecord.Graph graph -> write(graph);
            case TraceRecord.Attempt attempt -> write(attempt);
        }
    }

    private void write(TraceRecord.Graph graph) {
        AttributesBuilder attributes = Attributes.builder()
                .put(CLIENT, graph.client())
                .put(WANTED, (long) graph.wanted())
                .put(TASKS, (long) graph.tasks().all());
        if (!graph.spans().isEmpty()) {
            attributes.put(SPANS, graph.spans());
        }
        putIfAny(attributes, UNTRACED, graph.tasks().untraced());
        putIfAny(attributes, ERRED, graph.tasks().erred());
        putIfAny(attributes, CANCELLED, graph.tasks().cancelled());
        putIfAny(attributes, UNFINISHED, graph.tasks().unfinished());
        putIfAny(attributes, DROPPED, graph.tasks().dropped());
        SpanBuilder root = tracer.spanBuilder("graph").setNoParent().setSpanKind(SpanKind.SERVER);
        if (graph.submitter() != null) {
            root.addLink(context(graph.submitter()));
        }
        ids.next(graph.ref());
        Span span = start(root, graph.arrived(), attributes);
        if (graph.failure() != null) {
            span.setStatus(StatusCode.ERROR, graph.failure());
        }
        end(span, graph.end());

        AttributesBuilder unpacking = Attributes.builder();
        if (graph.unpackedOn() != null) {
            unpacking.put(UNPACKED_ON, graph.unpackedOn());
        }
        if (graph.unpackNanos() > 0) {
            unpacking.put(UNPACK_SECONDS, graph.unpackNanos() / 1e9);
        }
        end(start(child("submit", graph.ref()), graph.arrived(), unpacking), graph.submitted());
    }

    private static void putIfAny(AttributesBuilder attributes, AttributeKey<Long> key, long count) {
        if (count > 0) {
            attributes.put(key, count);
        }
    }

    private void write(TraceRecord.Attempt attempt) {
        String worker = attempt.worker();
        WorkerTimes times = WorkerTimes.of(attempt.actions(), attempt.graphStart(), attempt.given(), attempt.end());
        AttributesBuilder attributes = Attributes.builder()
                .put(KEY, attempt.key().toString())
                .put(PREFIX, attempt.prefix())
                .put(GROUP, attempt.group())
                .put(ATTEMPT, (long) attempt.number())
                .put(DEPENDENCIES, (long) attempt.dependencies())
                .put(STATE, attempt.outcome().wireName());
        if (worker != null) {
            attributes.put(WORKER, worker).put(RUN_ID, attempt.runId());
        }
        if (attempt.outcome() == TraceRecord.Outcome.MEMORY) {
            attributes.put(NBYTES, attempt.sizeBytes());
        }
        if (attempt.typeName() != null) {
            attributes.put(TYPENAME, attempt.typeName());
        }
        if (times.shift() != 0) {
            attributes.put(CLOCK_SHIFT, times.shift() / 1e9);
        }
        SpanBuilder builder = child("task " + attempt.prefix(), attempt.graph());
        attempt.links().forEach(link -> builder.addLink(context(link)));
        ids.next(attempt.ref());
        Span span = start(builder, attempt.ready(), attributes);
        fail(span, attempt.failure());
        end(span, attempt.end());
        writeQueue(attempt, times);
        for (StartStop action : attempt.actions()) {
            write(action, attempt, times);
        }
    }

    /// From when the task could be given to a worker until that did something about it.
    private void writeQueue(TraceRecord.Attempt attempt, WorkerTimes times) {
        long until = attempt.end();
        for (StartStop action : attempt.actions()) {
            until = Math.min(until, times.start(action));
        }
        until = Math.max(until, Math.max(attempt.given(), attempt.ready()));
        Span span = start(child("queue", attempt.ref()), attempt.ready(), worker(attempt));
        if (attempt.given() != 0) {
            span.addEvent("given to worker", attempt.given(), TimeUnit.NANOSECONDS);
        }
        end(span, until);
    }

    private void write(StartStop action, TraceRecord.Attempt attempt, WorkerTimes times) {
        AttributesBuilder attributes = worker(attempt);
        boolean compute = action.action().equals("compute");
        if (compute && attempt.thread() != 0) {
            attributes.put(THREAD, attempt.thread());
        }
        if (action.source() != null) {
            attributes.put(PEER, action.source());
        }
        Span span = start(child(action.action(), attempt.ref()), times.start(action), attributes);
        Failed failure = attempt.failure();
        if (compute && failure != null) {
            fail(span, failure);
            span.addEvent("exception", exception(failure), times.stop(action), TimeUnit.NANOSECONDS);
        }
        end(span, times.stop(action));
    }

    private static AttributesBuilder worker(TraceRecord.Attempt attempt) {
        AttributesBuilder attributes = Attributes.builder();
        return attempt.worker() == null ? attributes : attributes.put(WORKER, attempt.worker());
    }

    private static void fail(Span span, @Nullable Failed failure) {
        if (failure != null) {
            span.setStatus(StatusCode.ERROR, failure.text());
        }
    }

    private static Attributes exception(Failed failure) {
        AttributesBuilder attributes = Attributes.builder().put(EXCEPTION_MESSAGE, failure.text());
        Matcher matcher = EXCEPTION.matcher(failure.text());
        if (matcher.matches()) {
            attributes.put(EXCEPTION_TYPE, matcher.group(1));
        }
        if (!failure.traceback().isEmpty()) {
            attributes.put(EXCEPTION_STACKTRACE, failure.traceback());
        }
        return attributes.build();
    }

    private SpanBuilder child(String name, SpanRef parent) {
        return tracer.spanBuilder(name).setParent(Context.root().with(Span.wrap(context(parent))));
    }

    private static Span start(SpanBuilder builder, long nanos, AttributesBuilder attributes) {
        return builder.setStartTimestamp(nanos, TimeUnit.NANOSECONDS)
                .setAllAttributes(attributes.build())
                .startSpan();
    }

    private static void end(Span span, long nanos) {
        span.end(nanos, TimeUnit.NANOSECONDS);
    }

    private static SpanContext context(SpanRef ref) {
        return SpanContext.create(ref.traceId(), ref.spanHex(), TraceFlags.getSampled(), TraceState.getDefault());
    }
}
