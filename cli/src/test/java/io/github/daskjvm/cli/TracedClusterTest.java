package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.ClusterListener;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.client.TaskOptions;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.monitoring.otlp.TracePush;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Graphs of Java clients on real clusters, traced, as a receiver gets them when all has ended.
@Timeout(90)
class TracedClusterTest {
    private static final Set<String> OF_GRAPHS = Set.of("graph", "submit");

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/v1/traces", exchange -> {
            ExportTraceServiceRequest.parseFrom(exchange.getRequestBody().readAllBytes())
                    .getResourceSpansList()
                    .forEach(resource ->
                            resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private interface Program {
        void run(LocalCluster cluster, Client client) throws Exception;
    }

    /// Runs something on a cluster of two workers with one thread each, until its spans have been sent.
    private void run(Map<String, String> settings, Program program) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put(
                "otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + receiver.getAddress().getPort());
        var push = new TracePush("dask-test", all);
        var listener = new ClusterListener() {
            @Override
            public GraphTracing tracing() {
                return push.tracing();
            }
        };
        var builder = LocalCluster.builder().workers(2).threadsPerWorker(1).listener(listener);
        try (push;
                LocalCluster cluster = builder.start()) {
            program.run(cluster, cluster.client());
        }
        assertThat(push.lost()).isZero();
    }

    private static String text(Span span, String attribute) {
        return span.getAttributesList().stream()
                .filter(each -> each.getKey().equals(attribute))
                .map(each -> each.getValue().hasStringValue()
                        ? each.getValue().getStringValue()
                        : String.valueOf(each.getValue().getIntValue()))
                .findFirst()
                .orElse("");
    }

    private List<Span> named(String name) {
        return spans.stream().filter(span -> span.getName().equals(name)).toList();
    }

    private Span task(String key) {
        return spans.stream()
                .filter(span -> text(span, "dask.key").equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span of " + key));
    }

    private Span of(Span task, String action) {
        return spans.stream()
                .filter(span -> span.getParentSpanId().equals(task.getSpanId())
                        && span.getName().equals(action))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + action + " of " + task));
    }

    private void assertWhole() {
        Map<ByteString, Span> byId = new HashMap<>();
        spans.forEach(span -> byId.put(span.getSpanId(), span));
        for (Span span : spans) {
            assertThat(span.getEndTimeUnixNano()).isGreaterThanOrEqualTo(span.getStartTimeUnixNano());
            if (!span.getName().equals("graph")) {
                Span parent = byId.get(span.getParentSpanId());
                assertThat(parent).as("the parent of %s", span).isNotNull();
                assertThat(parent.getTraceId()).isEqualTo(span.getTraceId());
                boolean ofGraph =
                        span.getName().equals("submit") || span.getName().startsWith("task ");
                assertThat(parent.getName().equals("graph")).isEqualTo(ofGraph);
            }
        }
    }

    @Test
    void graphsTasksAndTransfersAreSpansAndDependenciesLinks() throws Exception {
        String[] workers = new String[2];
        run(Map.of(), (cluster, client) -> {
            workers[0] = cluster.workers().get(0).address();
            workers[1] = cluster.workers().get(1).address();
            TaskOptions there = TaskOptions.DEFAULT.workers(workers[0]);
            TaskOptions here = TaskOptions.DEFAULT.workers(workers[1]);
            Future<Integer> x = client.with(there.key("x")).submit(() -> 20);
            Future<Integer> y = client.with(here.key("y")).submit(a -> a + 1, x);
            assertThat(y.get()).isEqualTo(21);
            Future<Integer> bad = client.with(TaskOptions.DEFAULT.key("bad")).submit(a -> a / 0, y);
            assertThatThrownBy(bad::get).hasMessageContaining("by zero");
        });
        assertWhole();
        assertThat(named("graph")).hasSize(3);
        assertThat(named("submit"))
                .hasSize(3)
                .allSatisfy(span -> assertThat(span.getStartTimeUnixNano())
                        .as("when its message arrived")
                        .isLessThan(span.getEndTimeUnixNano()));
        Span x = task("x");
        Span y = task("y");
        assertThat(text(y, "dask.worker")).isEqualTo(workers[1]);
        assertThat(text(y, "dask.state")).isEqualTo("memory");
        assertThat(x.getLinksList()).isEmpty();
        assertThat(y.getLinksList()).hasSize(1);
        assertThat(y.getLinks(0).getSpanId()).isEqualTo(x.getSpanId());
        assertThat(y.getLinks(0).getTraceId()).isEqualTo(x.getTraceId());
        assertThat(text(of(y, "transfer"), "dask.peer")).isEqualTo(workers[0]);
        assertThat(of(y, "queue").getEndTimeUnixNano())
                .isLessThanOrEqualTo(of(y, "compute").getStartTimeUnixNano());
        Span bad = task("bad");
        assertThat(bad.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(bad.getStatus().getMessage()).contains("by zero");
        assertThat(of(bad, "compute").getEvents(0).getName()).isEqualTo("exception");
        Span graph = named("graph").stream()
                .filter(span -> span.getSpanId().equals(bad.getParentSpanId()))
                .findFirst()
                .orElseThrow();
        assertThat(graph.getStatus().getMessage()).contains("by zero");
        assertThat(text(graph, "dask.graph.tasks_erred")).isEqualTo("1");
    }

    @Test
    void aGraphOfManyTasksIsOneTrace() throws Exception {
        run(
                Map.of(),
                (cluster, client) -> client.gather(
                        client.map(i -> i * i, IntStream.range(0, 3_000).boxed().toList())));
        assertWhole();
        assertThat(named("graph")).hasSize(1);
        assertThat(text(named("graph").getFirst(), "dask.graph.tasks")).isEqualTo("3000");
        assertThat(named("compute")).hasSize(3_000);
        assertThat(spans)
                .extracting(Span::getTraceId)
                .containsOnly(spans.getFirst().getTraceId());
    }

    @Test
    void theSamplerDecidesForWholeGraphs() throws Exception {
        var half = Map.of("otel.traces.sampler", "parentbased_traceidratio", "otel.traces.sampler.arg", "0.5");
        run(half, (cluster, client) -> {
            for (int i = 0; i < 60; i++) {
                client.gather(client.map(k -> k + 1, List.of(i, 1_000 + i)));
            }
        });
        assertWhole();
        assertThat(named("graph")).hasSizeBetween(1, 59);
        assertThat(named("compute")).hasSize(2 * named("graph").size());
        spans.clear();
        var none = Map.of("otel.traces.sampler", "traceidratio", "otel.traces.sampler.arg", "0.0");
        run(none, (cluster, client) -> client.submit(() -> 1).get());
        assertThat(spans).isEmpty();
        var all = Map.of("otel.traces.sampler", "traceidratio", "otel.traces.sampler.arg", "1.0");
        run(all, (cluster, client) -> client.submit(() -> 1).get());
        Set<String> names = new HashSet<>(spans.stream().map(Span::getName).toList());
        assertThat(names).containsAll(OF_GRAPHS).contains("queue", "compute");
    }
}
