package io.github.daskjvm.monitoring;

import com.sun.net.httpserver.HttpHandler;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is behind a path. Content types are Dask's.
public sealed interface Page {
    String TEXT = "text/plain; charset=utf-8";
    String HTML = "text/html; charset=UTF-8";
    String JSON = "application/json; charset=UTF-8";

    /// @param body made anew for each request, by any thread
    record Content(String type, Supplier<byte[]> body) implements Page {}

    record Redirect(String to) implements Page {}

    /// A page that depends on the request.
    ///
    /// @param answer made anew for each request, by its own virtual thread, which may wait
    record Dynamic(Function<Request, Response> answer) implements Page {}

    /// @param query parameters by name, decoded; of one that is given twice the last
    /// @param headers the values of a header, joined by commas, by its name in any case; null where there is none
    record Request(String path, Map<String, String> query, Function<String, @Nullable String> headers) {
        public @Nullable String header(String name) {
            return headers.apply(name);
        }
    }

    /// @param headers beyond those of every answer
    record Response(int status, String type, byte[] body, Map<String, String> headers) {
        public Response(int status, String type, byte[] body) {
            this(status, type, body, Map.of());
        }

        public static Response text(int status, String type, String body) {
            return new Response(status, type, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// Answers by itself. One whose path ends in a slash answers for all paths that begin with it.
    record Handler(HttpHandler handler) implements Page {}

    static Page text(Supplier<String> body) {
        return ofText(TEXT, body);
    }

    static Page html(Supplier<String> body) {
        return ofText(HTML, body);
    }

    static Page json(Supplier<?> value) {
        return ofText(JSON, () -> Json.write(value.get()));
    }

    private static Page ofText(String type, Supplier<String> body) {
        return new Content(type, () -> body.get().getBytes(StandardCharsets.UTF_8));
    }
}
