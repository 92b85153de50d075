package io.github.daskjvm.monitoring.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Attempt;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Failed;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Graph;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Outcome;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Tasks;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Records as a real receiver gets them, and what becomes of those that it does not take.
@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class TracePushTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 1_700_000_000 * SECOND;
    private TraceReceiver receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = new TraceReceiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private TracePush push(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(receiver.settings());
        settings.putAll(more);
        var push = new TracePush("dask-test", settings);
        push.begins("tcp://10.0.0.1:8786");
        return push;
    }

    private static Graph graph(SpanRef ref, Tasks tasks, String failure) {
        return new Graph(
                ref,
                null,
                "Client-1",
                START,
                START + SECOND,
                START + 9 * SECOND,
                "tcp://a:1",
                SECOND / 2,
                1,
                List.of("outer/inner"),
                tasks,
                failure);
    }

    private static Attempt attempt(SpanRef graph, List<SpanRef> links, Failed failure) {
        double start = 1_700_000_000;
        return new Attempt(
                graph.another(),
                graph,
                START,
                TaskKey.of("inc-1"),
                "inc",
                "inc",
                links,
                links.size(),
                "tcp://a:1",
                17,
                2,
                START + SECOND,
                START + 2 * SECOND,
                START + 8 * SECOND,
                List.of(
                        new StartStop("transfer", start + 3, start + 4, "tcp://b:2"),
                        new StartStop("compute", start + 5, start + 6)),
                failure == null ? Outcome.MEMORY : Outcome.ERRED,
                123,
                28,
                "int",
                failure);
    }

    private static Map<String, Object> attributes(List<KeyValue> given) {
        Map<String, Object> attributes = new TreeMap<>();
        for (KeyValue each : given) {
            var value = each.getValue();
            attributes.put(
                    each.getKey(),
                    switch (value.getValueCase()) {
                        case STRING_VALUE -> value.getStringValue();
                        case INT_VALUE -> value.getIntValue();
                        case DOUBLE_VALUE -> value.getDoubleValue();
                        default -> value.getArrayValue().getValues(0).getStringValue();
                    });
        }
        return attributes;
    }

    private Span span(String name) {
        return receiver.spans().stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span " + name));
    }

    private static long seconds(long nanos) {
        return (nanos - START) / SECOND;
    }

    private static String hex(com.google.protobuf.ByteString id) {
        var text = new StringBuilder();
        for (byte b : id) {
            text.append(String.format("%02x", b));
        }
        return text.toString();
    }

    @Test
    void aGraphAndATaskAsSpans() {
        SpanRef ref = SpanRef.first();
        SpanRef input = ref.another();
        receiver.refuse.set(1); // tried again
        try (TracePush push = push(Map.of())) {
            assertThat(push.offer(attempt(ref, List.of(input), null))).isTrue();
            assertThat(push.offer(graph(ref, new Tasks(9, 2, 6, 0, 1, 0, 0), null)))
                    .isTrue();
            push.ends();
        }
        assertThat(receiver.spans())
                .extracting(Span::getName)
                .containsExactlyInAnyOrder("graph", "submit", "task inc", "queue", "transfer", "compute");
        Span graph = span("graph");
        assertThat(hex(graph.getTraceId())).isEqualTo(ref.traceId());
        assertThat(hex(graph.getSpanId())).isEqualTo(ref.spanHex());
        assertThat(graph.getParentSpanId().isEmpty()).isTrue();
        assertThat(graph.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(seconds(graph.getEndTimeUnixNano())).isEqualTo(9);
        assertThat(attributes(graph.getAttributesList()))
                .isEqualTo(Map.of(
                        "dask.client", "Client-1",
                        "dask.spans", "outer/inner",
                        "dask.graph.wanted", 1L,
                        "dask.graph.tasks", 9L,
                        "dask.graph.tasks_untraced", 2L,
                        "dask.graph.tasks_cancelled", 1L));
        Span submit = span("submit");
        assertThat(submit.getParentSpanId()).isEqualTo(graph.getSpanId());
        assertThat(attributes(submit.getAttributesList()))
                .isEqualTo(Map.of("dask.unpack.worker", "tcp://a:1", "dask.unpack.seconds", 0.5));
        Span task = span("task inc");
        assertThat(task.getParentSpanId()).isEqualTo(graph.getSpanId());
        assertThat(task.getLinksList())
                .extracting(link -> hex(link.getSpanId()))
                .containsExactly(input.spanHex());
        assertThat(attributes(task.getAttributesList()))
                .containsEntry("dask.key", "inc-1")
                .containsEntry("dask.prefix", "inc")
                .containsEntry("dask.worker", "tcp://a:1")
                .containsEntry("dask.run_id", 17L)
                .containsEntry("dask.attempt", 2L)
                .containsEntry("dask.state", "memory")
                .containsEntry("dask.nbytes", 28L)
                .doesNotContainKey("dask.clock_shift_seconds");
        for (String part : List.of("queue", "transfer", "compute")) {
            assertThat(span(part).getParentSpanId()).isEqualTo(task.getSpanId());
            assertThat(span(part).getTraceId()).isEqualTo(graph.getTraceId());
            assertThat(span(part).getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_INTERNAL);
        }
        assertThat(seconds(span("queue").getStartTimeUnixNano())).isEqualTo(1);
        assertThat(seconds(span("queue").getEvents(0).getTimeUnixNano())).isEqualTo(2);
        assertThat(seconds(span("queue").getEndTimeUnixNano())).isEqualTo(3);
        assertThat(attributes(span("transfer").getAttributesList()))
                .isEqualTo(Map.of("dask.worker", "tcp://a:1", "dask.peer", "tcp://b:2"));
        assertThat(attributes(span("compute").getAttributesList())).containsEntry("thread.id", 123L);
        var resource = receiver.requests.getFirst().getResourceSpans(0).getResource();
        assertThat(attributes(resource.getAttributesList()))
                .containsEntry("service.name", "dask-test")
                .containsEntry("service.instance.id", "tcp://10.0.0.1:8786");
    }

    @Test
    void aFailureIsTheSpansStatusAndAnException() {
        SpanRef ref = SpanRef.first();
        try (TracePush push = push(Map.of())) {
            push.offer(attempt(ref, List.of(), new Failed("ValueError('x')", "line 1")));
            push.offer(graph(ref, new Tasks(1, 0, 0, 1, 0, 0, 0), "ValueError('x')"));
            push.ends();
        }
        for (String name : List.of("graph", "task inc", "compute")) {
            assertThat(span(name).getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(span(name).getStatus().getMessage()).isEqualTo("ValueError('x')");
        }
        assertThat(span("transfer").getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
        assertThat(span("compute").getEvents(0).getName()).isEqualTo("exception");
        assertThat(attributes(span("compute").getEvents(0).getAttributesList()))
                .isEqualTo(Map.of(
                        "exception.type", "ValueError",
                        "exception.message", "ValueError('x')",
                        "exception.stacktrace", "line 1"));
    }

    @Test
    void theLibrarysSamplerDecides() {
        try (TracePush push = push(Map.of())) {
            assertThat(push.isSampled(SpanRef.first().traceId())).isTrue();
            push.ends();
        }
        var ratio = new HashMap<>(Map.of("otel.traces.sampler", "parentbased_traceidratio"));
        for (String none : List.of("0", "0.0")) {
            ratio.put("otel.traces.sampler.arg", none);
            try (TracePush push = push(ratio)) {
                assertThat(push.isSampled(SpanRef.first().traceId())).isFalse();
                push.ends();
            }
        }
        ratio.put("otel.traces.sampler.arg", "0.5");
        try (TracePush push = push(ratio)) {
            int sampled = 0;
            for (int i = 0; i < 1_000; i++) {
                String traceId = SpanRef.first().traceId();
                boolean first = push.isSampled(traceId);
                assertThat(push.isSampled(traceId)).isEqualTo(first);
                sampled += first ? 1 : 0;
            }
            assertThat(sampled).isBetween(300, 700);
            push.ends();
        }
        try (TracePush push = push(Map.of("otel.traces.sampler", "always_off"))) {
            assertThat(push.isSampled(SpanRef.first().traceId())).isFalse();
            push.ends();
        }
    }

    @Test
    void moreSpansThanTheLibraryHoldsArriveAllTheSame() {
        SpanRef ref = SpanRef.first();
        Map<String, String> small = Map.of("otel.bsp.max.queue.size", "64", "otel.bsp.max.export.batch.size", "32");
        try (TracePush push = push(small)) {
            for (int i = 0; i < 500; i++) {
                assertThat(push.offer(attempt(ref, List.of(), null))).isTrue();
            }
            push.ends();
        }
        assertThat(receiver.spans()).hasSize(500 * 4);
    }

    @Test
    void aReceiverThatDoesNotAnswerCostsRecordsAndNoWaiting() {
        receiver.gate = new CountDownLatch(1);
        SpanRef ref = SpanRef.first();
        TracePush push = push(Map.of());
        int taken = 0;
        while (push.offer(attempt(ref, List.of(), null))) {
            taken++;
            assertThat(taken).as("what is taken is bounded").isLessThan(2 * TracePush.QUEUE_LENGTH);
        }
        assertThat(taken).isGreaterThanOrEqualTo(TracePush.QUEUE_LENGTH - TracePush.QUEUE_RESERVE);
        assertThat(push.lost()).isOne();
        // There is still room for graphs.
        assertThat(push.offer(graph(ref, new Tasks(1, 0, 1, 0, 0, 0, 1), null))).isTrue();
        push.ends();
        push.close(); // gives up
        assertThat(receiver.spans()).isEmpty();
    }

    @Test
    void whatTheLibraryCanNotUseIsSaid() {
        assertThatThrownBy(() -> push(Map.of("otel.exporter.otlp.endpoint", "nowhere")))
                .isInstanceOf(UnusableSettingsException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void itIsOnWhereTracesAreAskedForAndAnEndpointIsNamed() {
        String endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        String exporter = "OTEL_TRACES_EXPORTER";
        var both = Map.of(endpoint, "http://here:4318", exporter, "otlp");
        assertThat(OtlpSettings.tracesAreOn(both)).isTrue();
        assertThat(OtlpSettings.tracesAreOn(Map.of(endpoint, "http://here:4318")))
                .as("an endpoint alone is for metrics")
                .isFalse();
        assertThat(OtlpSettings.tracesAreOn(Map.of(endpoint, "http://here:4318", exporter, "none")))
                .isFalse();
        assertThat(OtlpSettings.tracesAreOn(Map.of(exporter, "otlp"))).isFalse();
        assertThat(OtlpSettings.tracesLackEndpoint(Map.of(exporter, "otlp"))).isTrue();
        assertThat(OtlpSettings.tracesLackEndpoint(both)).isFalse();
        assertThat(OtlpSettings.tracesAreOn(
                        Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://here:4318/v1/traces", exporter, "otlp")))
                .isTrue();
        assertThat(OtlpSettings.tracesAreOn(with(both, "OTEL_SDK_DISABLED", "true")))
                .isFalse();
        assertThat(OtlpSettings.tracesAreOn(with(both, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc")))
                .isTrue();
        refused(
                with(both, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is 'grpc'");
        refused(with(both, "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"), "OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json'");
        refused(with(both, "OTEL_TRACES_SAMPLER", "jaeger_remote"), "OTEL_TRACES_SAMPLER is 'jaeger_remote'");
        refused(with(both, exporter, "otlp, console"), "traces can only be sent by otlp");
        var ratio = with(both, "OTEL_TRACES_SAMPLER", "traceidratio");
        assertThat(OtlpSettings.tracesAreOn(ratio)).isTrue();
        assertThat(OtlpSettings.tracesAreOn(with(ratio, "OTEL_TRACES_SAMPLER_ARG", "0.25")))
                .isTrue();
        for (String bad : List.of("2", "-0.1", "half", "NaN")) {
            refused(with(ratio, "OTEL_TRACES_SAMPLER_ARG", bad), "OTEL_TRACES_SAMPLER_ARG is '" + bad + "'");
        }
    }

    private static Map<String, String> with(Map<String, String> variables, String name, String value) {
        Map<String, String> more = new HashMap<>(variables);
        more.put(name, value);
        return more;
    }

    private static void refused(Map<String, String> variables, String because) {
        assertThatThrownBy(() -> OtlpSettings.tracesAreOn(variables)).hasMessageContaining(because);
    }
}
