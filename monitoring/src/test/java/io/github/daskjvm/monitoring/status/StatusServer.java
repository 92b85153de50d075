package io.github.daskjvm.monitoring.status;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The live page alone, behind a server of its own, with limits as a test wants them.
final class StatusServer implements AutoCloseable {
    /// Frames come so soon that a test need not wait for them.
    static final Feed.Limits SOON = new Feed.Limits(300, 15_000, 40, 1_000_000_000);

    final StatusPages pages;
    final int port;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// @param port 0 for any
    StatusServer(StatusSource source, Feed.Limits limits, int port) throws IOException {
        pages = new StatusPages(source, limits);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                pages.handle(exchange);
            }
        });
        server.start();
        this.port = server.getAddress().getPort();
    }

    /// Something else that is served beside the page.
    void at(String path, HttpHandler handler) {
        server.createContext(path, handler);
    }

    String url() {
        return "http://127.0.0.1:" + port + "/status";
    }

    @Override
    public void close() {
        pages.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
