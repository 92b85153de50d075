package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.DurationText;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Task keys and what is built from them, out of decoded messages.
public final class Wire {
    private Wire() {}

    public static TaskKey key(Fields message, String name) throws BadMessageException {
        return key(message.required(name), message, name);
    }

    public static @Nullable TaskKey keyOrNull(Fields message, String name) throws BadMessageException {
        Object value = message.get(name);
        return value == null ? null : key(value, message, name);
    }

    /// An array or set of keys.
    public static List<TaskKey> keys(Fields message, String name) throws BadMessageException {
        return keys(message.list(name), message, name);
    }

    /// Null if the field is missing or null.
    public static @Nullable List<TaskKey> keysOrNull(Fields message, String name) throws BadMessageException {
        return message.get(name) == null ? null : keys(message, name);
    }

    public static List<TaskKey> keys(Collection<?> values, Fields message, String name) throws BadMessageException {
        // One loop, whatever kind of collection it is: with an iterator for each the compiler made 13 kB of code of it.
        Object[] given = values.toArray();
        var keys = new ArrayList<TaskKey>(given.length);
        for (Object value : given) {
            keys.add(key(value, message, name));
        }
        return keys;
    }

    public static TaskKey key(@Nullable Object value, Fields message, String name) throws BadMessageException {
        if (value instanceof String text) {
            return TaskKey.of(text);
        }
        try {
            return TaskKey.of(plain(value));
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("op " + message.op() + ": the field " + name + ": " + e.getMessage());
        }
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof List<?> items && isPlain(items)) {
            return items;
        }
        return switch (value) {
            case MsgpackReader.Bytes bytes -> bytes.value();
            case List<?> items -> {
                var copy = new ArrayList<@Nullable Object>(items.size());
                for (Object item : items) {
                    copy.add(plain(item));
                }
                yield copy;
            }
            case null, default -> value;
        };
    }

    private static boolean isPlain(List<?> items) {
        for (Object item : items) {
            if (!(item instanceof String) && !(item instanceof Long)) {
                return false;
            }
        }
        return true;
    }

    /// A map from keys to numbers of bytes.
    public static Map<TaskKey, Long> sizes(Fields message, String name) throws BadMessageException {
        Map<TaskKey, Long> sizes = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : message.mapping(name).entrySet()) {
            if (!(entry.getValue() instanceof Number size)) {
                throw message.wrong(name, "a map from keys to numbers of bytes");
            }
            sizes.put(key(entry.getKey(), message, name), size.longValue());
        }
        return sizes;
    }

    /// A map from keys to addresses of workers.
    public static Map<TaskKey, List<String>> whoHas(Fields message, String name) throws BadMessageException {
        Map<TaskKey, List<String>> whoHas = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : message.mapping(name).entrySet()) {
            if (!(entry.getValue() instanceof Collection<?> workers)) {
                throw message.wrong(name, "a map from keys to arrays of worker addresses");
            }
            whoHas.put(key(entry.getKey(), message, name), texts(workers, message, name));
        }
        return whoHas;
    }

    public static List<String> texts(Collection<?> values, Fields message, String name) throws BadMessageException {
        var texts = new ArrayList<String>(values.size());
        for (Object value : values) {
            if (!(value instanceof String text)) {
                throw message.wrong(name, "an array of text");
            }
            texts.add(text);
        }
        return texts;
    }

    /// Null if the field is missing or null; one text alone counts as an array of it.
    public static @Nullable List<String> textsOrNull(Fields message, String name) throws BadMessageException {
        return switch (message.get(name)) {
            case null -> null;
            case String text -> List.of(text);
            default -> texts(message.list(name), message, name);
        };
    }

    /// A map from text to numbers, such as resources.
    public static Map<String, Double> numbers(Fields message, String name) throws BadMessageException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : message.mappingOrEmpty(name).entrySet()) {
            if (!(entry.getKey() instanceof String key) || !(entry.getValue() instanceof Number number)) {
                throw message.wrong(name, "a map from text to numbers");
            }
            numbers.put(key, number.doubleValue());
        }
        return numbers;
    }

    public static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    /// The forms of duration that Dask takes: a number of seconds, or text such as `"100 ms"`, `"5s"`, `"2 minutes"`.
    ///
    /// @throws BadMessageException for anything else
    public static double seconds(@Nullable Object value, Fields message, String name) throws BadMessageException {
        return switch (value) {
            case Number number -> number.doubleValue();
            case String text ->
                DurationText.seconds(text).orElseThrow(() -> message.wrong(name, "a duration such as 5s"));
            case null, default -> throw message.wrong(name, "a duration such as 5s");
        };
    }
}
