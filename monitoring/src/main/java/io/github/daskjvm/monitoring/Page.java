package io.github.daskjvm.monitoring;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/// What is behind a path. Content types are Dask's.
sealed interface Page {
    String TEXT = "text/plain; charset=utf-8";
    String HTML = "text/html; charset=UTF-8";
    String JSON = "application/json; charset=UTF-8";

    /// @param body made anew for each request, by any thread
    record Content(String type, Supplier<byte[]> body) implements Page {}

    record Redirect(String to) implements Page {}

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
