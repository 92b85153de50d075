package io.github.daskjvm.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An HTTP server for a fixed set of pages, one virtual thread a request.
///
/// It is the JDK's own: for a dozen read-only pages it does what is needed, listens 60 ms after it is asked to where a
/// web framework took 850 ms, and brings no jar.
public final class HttpMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.http");
    private static final int BACKLOG = 128;

    static {
        // Read once, when the JDK's server is first used: bounds against peers that connect and stay silent.
        setIfAbsent("jdk.httpserver.maxConnections", "1000");
        setIfAbsent("sun.net.httpserver.maxReqTime", "30");
        setIfAbsent("sun.net.httpserver.maxRspTime", "60");
        setIfAbsent("sun.net.httpserver.timerMillis", "10000"); // how often the two are looked at
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final TreeMap<String, Page> pages;

    private HttpMonitor(HttpServer server, Map<String, Page> pages) {
        this.server = server;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
        this.pages = new TreeMap<>(pages);
        this.pages.put(
                "/sitemap.json",
                Page.json(() -> Map.of(
                        "paths",
                        this.pages.keySet().stream()
                                .filter(path -> path.equals("/") || !path.endsWith("/"))
                                .toList())));
    }

    /// Listens when it returns, and does not keep the process alive. `/sitemap.json` is added to the pages.
    ///
    /// @param pages by path
    /// @throws java.net.BindException when the port is taken, or the host is none of this machine's
    public static HttpMonitor start(MonitorOptions options, Map<String, Page> pages) throws IOException {
        var address = options.host().isEmpty()
                ? new InetSocketAddress(options.port())
                : new InetSocketAddress(options.host(), options.port());
        if (address.isUnresolved()) {
            throw new java.net.BindException("no address is known for the host " + options.host());
        }
        var monitor = new HttpMonitor(create(options, address), pages);
        monitor.server.createContext("/", monitor::answer);
        monitor.server.setExecutor(monitor.threads);
        // The thread that accepts is a daemon only if the one that starts it is.
        Thread starter = Thread.ofPlatform().daemon().start(monitor.server::start);
        try {
            starter.join();
        } catch (InterruptedException e) {
            monitor.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
        return monitor;
    }

    private static HttpServer create(MonitorOptions options, InetSocketAddress address) throws IOException {
        if (options.tls().isEmpty()) {
            return HttpServer.create(address, BACKLOG);
        }
        HttpsServer server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(new HttpsConfigurator(options.tls().get()));
        return server;
    }

    /// The port it listens on, the real one where 0 was asked for.
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            Page page = page(exchange.getRequestURI().getPath());
            if (page == null) {
                send(exchange, 404, Page.TEXT, "404: Not Found");
            } else if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, Page.TEXT, "405: Method Not Allowed");
            } else {
                send(exchange, page);
            }
        }
    }

    private @Nullable Page page(String path) {
        Page page = pages.get(path);
        for (int slash = path.lastIndexOf('/'); page == null && slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            page = pages.get(path.substring(0, slash + 1));
        }
        return page;
    }

    private static void send(HttpExchange exchange, Page page) throws IOException {
        switch (page) {
            case Page.Redirect(String to) -> {
                exchange.getResponseHeaders().set("Location", to);
                // 302 is what Dask answers; clients do not remember it.
                exchange.sendResponseHeaders(302, -1);
            }
            case Page.Handler(HttpHandler handler) -> handler.handle(exchange);
            case Page.Content(String type, Supplier<byte[]> body) -> {
                send(exchange, () -> new Page.Response(200, type, body.get()));
            }
            case Page.Dynamic(Function<Page.Request, Page.Response> answer) -> {
                var headers = exchange.getRequestHeaders();
                URI uri = exchange.getRequestURI();
                var request =
                        new Page.Request(uri.getPath(), query(uri.getRawQuery()), name -> joined(headers.get(name)));
                send(exchange, () -> answer.apply(request));
            }
        }
    }

    private static void send(HttpExchange exchange, Supplier<Page.Response> answer) throws IOException {
        Page.Response response;
        try {
            response = answer.get();
        } catch (RuntimeException e) {
            LOG.error("{} failed", exchange.getRequestURI().getPath(), e);
            send(exchange, 500, Page.TEXT, "500: Internal Server Error");
            return;
        }
        response.headers().forEach(exchange.getResponseHeaders()::set);
        send(exchange, response.status(), response.type(), response.body());
    }

    private static @Nullable String joined(@Nullable List<String> values) {
        return values == null ? null : String.join(",", values);
    }

    private static Map<String, String> query(@Nullable String raw) {
        var query = new HashMap<String, String>();
        for (String part : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            query.put(decode(name), equals < 0 ? "" : decode(part.substring(equals + 1)));
        }
        return query;
    }

    /// As it stands, where it is no text of a form.
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
