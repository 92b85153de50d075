package io.github.daskjvm.monitoring.status;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.github.daskjvm.monitoring.Page;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Everything below `/status`: the page and its files, its one stream, details on demand, and what can be taken
/// away (a trace, a report). Called by many threads at once.
public final class StatusPages implements HttpHandler, AutoCloseable {
    /// No inline script or style, nothing from elsewhere.
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

    private static final String JSON = "application/json; charset=utf-8";
    /// Questions to the scheduler's loop, traces and reports that are answered at one time.
    private static final int REQUESTS_MAX = 8;

    private static final long AGE_NANOS = 1_000_000_000;

    private final StatusSource source;
    private final Sampler sampler;
    private final Feed feed;
    private final Semaphore requests = new Semaphore(REQUESTS_MAX);
    private final Aged graph;
    private final Aged moved;

    public StatusPages(StatusSource source) {
        this(source, Feed.Limits.USUAL);
    }

    StatusPages(StatusSource source, Feed.Limits limits) {
        this.source = source;
        sampler = new Sampler(source);
        feed = new Feed(source, sampler.history(), limits);
        graph = new Aged(() -> FrameText.json(source.graph()));
        moved = new Aged(() -> moved(source));
        sampler.start();
    }

    Feed feed() {
        return feed;
    }

    /// Adds the page, where Dask's own paths lead, and Dask's list of single plots.
    public void addTo(Map<String, Page> pages) {
        pages.put("/", new Page.Redirect("/status"));
        for (String path : List.of("/status", "/status/", "/info/worker/", "/info/task/")) {
            pages.put(path, new Page.Handler(this));
        }
        DaskRoutes.REDIRECTS.forEach((path, to) -> pages.put(path, new Page.Redirect(to)));
        pages.put("/individual-plots.json", Page.json(DaskRoutes::individualPlots));
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Headers headers = exchange.getResponseHeaders();
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        if (path.startsWith("/info/")) {
            toThePage(exchange, path);
            return;
        }
        String name = path.equals("/status") ? "index.html" : path.substring("/status/".length());
        switch (name) {
            case "" -> redirect(exchange, "/status");
            case "stream" -> new EventStream(feed).handle(exchange);
            case "task.json", "worker.json", "graph.json", "past.json", "moved.json", "trace.json", "report.html" ->
                onDemand(exchange, name);
            default -> asset(exchange, name);
        }
    }

    private void onDemand(HttpExchange exchange, String name) throws IOException {
        if (!requests.tryAcquire()) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            send(exchange, 503, JSON, "{\"error\":\"too many requests at once\"}");
            return;
        }
        try {
            switch (name) {
                case "task.json" -> details(exchange, source.task(parameter(exchange, "key")));
                case "worker.json" -> details(exchange, source.worker(parameter(exchange, "address")));
                case "graph.json" -> send(exchange, 200, JSON, graph.text());
                case "past.json" ->
                    send(exchange, 200, JSON, PastPart.json(source, number(exchange, "from"), number(exchange, "to")));
                case "moved.json" -> send(exchange, 200, JSON, moved.text());
                case "trace.json" -> {
                    attach(exchange, "dask-task-stream.json", JSON);
                    try (OutputStream out = exchange.getResponseBody()) {
                        ChromeTrace.write(source, out);
                    }
                }
                default -> {
                    exchange.getResponseHeaders().set("Content-Security-Policy", Report.CONTENT_SECURITY_POLICY);
                    String report = Report.html(source, sampler.history());
                    attach(exchange, "dask-report.html", "text/html; charset=utf-8");
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(report.getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IllegalStateException e) {
            send(exchange, 503, JSON, "{\"error\":\"the scheduler is closing\"}");
        } finally {
            requests.release();
        }
    }

    private static void details(HttpExchange exchange, @Nullable Map<String, ?> found) throws IOException {
        if (found == null) {
            send(exchange, 404, JSON, "{\"error\":\"not known\"}");
        } else {
            send(exchange, 200, JSON, FrameText.json(found));
        }
    }

    /// However many look, the loop is asked once a second.
    private static final class Aged {
        private final Supplier<String> maker;
        private @Nullable String made;
        private long nanos;

        Aged(Supplier<String> maker) {
            this.maker = maker;
        }

        synchronized String text() {
            long now = System.nanoTime();
            if (made == null || now - nanos > AGE_NANOS) {
                made = maker.get();
                nanos = now;
            }
            return made;
        }
    }

    /// `workers`, and pairs of indices of them: who fetched, from whom, and bytes.
    private static String moved(StatusSource source) {
        Map<String, Integer> workers = new LinkedHashMap<>();
        List<Object> pairs = new ArrayList<>();
        for (StatusSource.Moved moved : source.moved()) {
            int to = workers.computeIfAbsent(moved.to(), w -> workers.size());
            int from = workers.computeIfAbsent(moved.from(), w -> workers.size());
            pairs.add(List.of(to, from, moved.bytes()));
        }
        return new FrameText()
                .field("workers", List.copyOf(workers.keySet()))
                .field("pairs", pairs)
                .end();
    }

    private static String parameter(HttpExchange exchange, String name) {
        String query = exchange.getRequestURI().getRawQuery();
        for (String part : query == null ? new String[0] : query.split("&")) {
            if (part.startsWith(name + "=")) {
                try {
                    return URLDecoder.decode(part.substring(name.length() + 1), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return "";
                }
            }
        }
        return "";
    }

    /// Not a number where there is none.
    private static double number(HttpExchange exchange, String name) {
        try {
            return Double.parseDouble(parameter(exchange, name));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /// `/info/worker/ADDRESS.html` and `/info/task/KEY.html`, Dask's pages of one thing.
    private static void toThePage(HttpExchange exchange, String path) throws IOException {
        boolean isTask = path.startsWith("/info/task/");
        String rest = path.substring(isTask ? "/info/task/".length() : "/info/worker/".length());
        String name = rest.endsWith(".html") ? rest.substring(0, rest.length() - ".html".length()) : rest;
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        redirect(exchange, "/status#/" + (isTask ? "task/" : "worker/") + encoded);
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void asset(HttpExchange exchange, String name) throws IOException {
        byte[] bytes = Assets.read(name);
        if (bytes == null) {
            send(exchange, 404, "text/plain; charset=utf-8", "404: Not Found");
            return;
        }
        String tag = "\"" + Integer.toHexString(Arrays.hashCode(bytes)) + "-" + bytes.length + "\"";
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
        } else {
            send(exchange, 200, Assets.type(name), bytes);
        }
    }

    private static void attach(HttpExchange exchange, String name, String type) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"" + name + "\"");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, exchange.getRequestMethod().equals("HEAD") ? -1 : 0);
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        if (type.equals(JSON)) {
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
        }
        send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        sampler.close();
        feed.close();
    }
}
