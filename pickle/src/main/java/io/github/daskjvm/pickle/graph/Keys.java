package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keys of tasks as they stand in pickles. Python holds `1`, `1.0` and `True` to be one key and Java does not,
/// so floats and booleans are refused; bytes are, since hardly anybody has such keys.
final class Keys {
    /// Items of a tuple and of tuples in it. One that has itself twice, and so on, would have many more than bytes.
    private static final int ITEMS_MAX = 1000;

    private int items;

    private Keys() {}

    /// A String, a Long or a [TupleKey].
    static Object of(@Nullable Object value) throws NotCutException {
        if (value instanceof String || value instanceof Long) {
            return value;
        }
        Object key = candidate(value);
        if (key == null || !isPlain(value)) {
            throw new NotCutException("a key that is neither text, an integer nor a tuple of such");
        }
        return key;
    }

    static List<Object> allOf(List<? extends @Nullable Object> values) throws NotCutException {
        if (values.isEmpty()) {
            return List.of();
        }
        List<Object> keys = new ArrayList<>(values.size());
        for (Object value : values) {
            keys.add(of(value));
        }
        return List.copyOf(keys);
    }

    /// The key that a value equals in Python, if it is one: numbers that are no integers as the integer that they
    /// equal.
    /// Null for what can't be a key.
    static @Nullable Object candidate(@Nullable Object value) {
        return value instanceof PyNode.Tuple ? new Keys().read(value) : number(value);
    }

    private static @Nullable Object number(@Nullable Object value) {
        return switch (value) {
            case String text -> text;
            case Long number -> number;
            case Boolean bool -> bool ? 1L : 0L;
            case Double number when number == Math.rint(number) && Math.abs(number) < 0x1p63 -> number.longValue();
            case null, default -> null;
        };
    }

    private @Nullable Object read(@Nullable Object value) {
        if (!(value instanceof PyNode.Tuple tuple)) {
            return number(value);
        }
        items += tuple.items().size();
        if (items > ITEMS_MAX) {
            return null;
        }
        List<Object> key = new ArrayList<>(tuple.items().size());
        for (Object item : tuple.items()) {
            Object part = read(item);
            if (part == null) {
                return null;
            }
            key.add(part);
        }
        return new TupleKey(key);
    }

    /// Whether what has a [#candidate] is written as that key.
    static boolean isPlain(@Nullable Object value) {
        if (value instanceof PyNode.Tuple tuple) {
            for (Object item : tuple.items()) {
                if (!isPlain(item)) {
                    return false;
                }
            }
            return true;
        }
        return value instanceof String || value instanceof Long;
    }
}
