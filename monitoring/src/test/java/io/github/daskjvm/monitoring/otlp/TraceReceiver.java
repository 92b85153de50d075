package io.github.daskjvm.monitoring.otlp;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// An OTLP receiver for traces, which keeps what it is sent.
final class TraceReceiver implements AutoCloseable {
    final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
    /// So many requests are refused with 503, for the sender to try again.
    final AtomicInteger refuse = new AtomicInteger();
    /// Answers wait for it.
    volatile CountDownLatch gate = new CountDownLatch(0);

    private final HttpServer server;

    TraceReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (refuse.getAndDecrement() > 0) {
                exchange.sendResponseHeaders(503, -1);
            } else {
                requests.add(ExportTraceServiceRequest.parseFrom(body));
                exchange.sendResponseHeaders(200, -1);
            }
            exchange.close();
        });
        server.start();
    }

    Map<String, String> settings() {
        return Map.of(
                "otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "otel.bsp.schedule.delay",
                "50");
    }

    List<Span> spans() {
        return requests.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    @Override
    public void close() {
        gate.countDown();
        server.stop(0);
    }
}
