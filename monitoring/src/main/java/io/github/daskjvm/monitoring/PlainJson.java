package io.github.daskjvm.monitoring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a peer sent as values that JSON has: keys become text, and what is no text, number, list or map becomes null.
final class PlainJson {
    private PlainJson() {}

    static @Nullable Object of(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> plain = new LinkedHashMap<>();
                map.forEach((key, item) -> plain.put(String.valueOf(key), of(item)));
                yield plain;
            }
            case Collection<?> items -> {
                List<@Nullable Object> plain = new ArrayList<>(items.size());
                items.forEach(item -> plain.add(of(item)));
                yield plain;
            }
            case String text -> text;
            case Number number -> number;
            case Boolean bool -> bool;
            case null, default -> null;
        };
    }
}
