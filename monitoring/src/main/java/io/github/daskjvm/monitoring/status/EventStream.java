package io.github.daskjvm.monitoring.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The stream of server-sent events that a page lives by. It ends after three quarters of a minute, since the server
/// cuts off answers that take longer than one; the browser then asks again by itself and goes on where it was.
final class EventStream implements HttpHandler {
    private static final long LIFE_NANOS = 45_000_000_000L;
    /// Milliseconds after which the browser asks again.
    private static final int RETRY_MILLIS = 300;

    private final Feed feed;
    private final ByteBudget budget;

    EventStream(Feed feed) {
        this.feed = feed;
        budget = new ByteBudget(feed.limits().bytesPerSecond());
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        // Proxies that gather answers would hold back frames.
        exchange.getResponseHeaders().set("X-Accel-Buffering", "no");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Feed.Reader reader = feed.open();
        if (reader == null) {
            exchange.getResponseHeaders().set("Retry-After", "10");
            exchange.sendResponseHeaders(503, -1);
            return;
        }
        try (reader) {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                stream(reader, out, exchange.getRequestHeaders().getFirst("Last-Event-ID"));
            }
        } catch (InterruptedException e) {
            // The feed found this reader to be stuck; the connection is closed.
        }
    }

    private void stream(Feed.Reader reader, OutputStream out, @Nullable String lastId)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + LIFE_NANOS;
        send(reader, out, "retry: " + RETRY_MILLIS + "\n\n");
        send(reader, out, reader.first(lastId), null);
        while (System.nanoTime() < end) {
            Feed.Frame frame = reader.next();
            if (frame == null) {
                return;
            }
            send(reader, out, frame.messages(), reader.id(frame));
        }
    }

    /// The id goes with the last message, so that a page which had only a part of a frame does not go on behind it.
    private void send(Feed.Reader reader, OutputStream out, List<FrameMaker.Message> messages, @Nullable String id)
            throws IOException, InterruptedException {
        for (int i = 0; i < messages.size(); i++) {
            FrameMaker.Message message = messages.get(i);
            String ending = id != null && i == messages.size() - 1 ? "\nid: " + id : "";
            send(reader, out, "event: " + message.name() + ending + "\ndata: " + message.json() + "\n\n");
        }
    }

    private void send(Feed.Reader reader, OutputStream out, String event) throws IOException, InterruptedException {
        byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
        long wait = budget.nanosUntil(bytes.length, System.nanoTime());
        if (wait < 0) {
            return;
        }
        while (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            wait = budget.nanosUntil(bytes.length, System.nanoTime());
        }
        budget.spend(bytes.length, System.nanoTime());
        reader.writing(true);
        out.write(bytes);
        out.flush();
        reader.writing(false);
    }
}
