package io.github.daskjvm.monitoring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Plain maps, lists, texts, numbers and booleans as JSON, and back.
public final class Json {
    /// NaN and the infinities unquoted, as Python writes and reads them.
    private static final JSON COMPACT = JSON.builder(JsonFactory.builder()
                    .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                    .build())
            .enable(JSON.Feature.WRITE_NULL_PROPERTIES)
            .build();

    private static final JSON PRETTY = COMPACT.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

    private Json() {}

    /// The value on one line.
    public static String write(@Nullable Object value) {
        return write(COMPACT, value);
    }

    /// The value on several lines, indented.
    public static String writePretty(@Nullable Object value) {
        return write(PRETTY, value);
    }

    /// The JSON object in a text, as a map.
    ///
    /// @throws IOException when the text is not a whole JSON object
    public static Map<String, @Nullable Object> readObject(String text) throws IOException {
        return COMPACT.mapFrom(text);
    }

    private static String write(JSON json, @Nullable Object value) {
        try {
            return json.asString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
