package io.github.daskjvm.monitoring.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON object that grows field by field, in ASCII, so that its length is its number of bytes. A field that is a
/// list can be cut off at a number of bytes.
final class FrameText {
    private static final JSON JSON_ASCII = JSON.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build())
            .enable(JSON.Feature.WRITE_NULL_PROPERTIES)
            .build();

    private final StringBuilder text = new StringBuilder(16_000).append('{');

    static String json(@Nullable Object value) {
        try {
            return JSON_ASCII.asString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FrameText field(String name, @Nullable Object value) {
        name(name);
        text.append(json(value));
        return this;
    }

    /// The list's first items, as many as fit into so many bytes.
    ///
    /// @return how many there was no room for
    int list(String name, List<?> items, int bytesMax) {
        name(name);
        text.append('[');
        int end = text.length() + bytesMax;
        int written = 0;
        for (Object item : items) {
            String json = json(item);
            if (text.length() + json.length() + 1 > end) {
                break;
            }
            text.append(written++ == 0 ? "" : ",").append(json);
        }
        text.append(']');
        return items.size() - written;
    }

    private void name(String name) {
        text.append(text.length() == 1 ? "\"" : ",\"").append(name).append("\":");
    }

    /// The whole object.
    String end() {
        return text + "}";
    }

    /// At most so many letters.
    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
