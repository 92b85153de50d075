package io.github.daskjvm.core.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task's name: text, an integer, a float, bytes, or a tuple of keys, as Dask has them. Keys compare by type
/// and value: `1`, `1.0` and `"1"` are three keys. Made by clients; the scheduler never makes one up.
public final class TaskKey {
    private final Object value;
    private final int hash;

    private TaskKey(Object value) {
        this.value = value;
        this.hash = hashOf(value);
    }

    public static TaskKey of(String text) {
        return new TaskKey(text);
    }

    /// @param value String, Long, Double, byte[], or a List of such values
    /// @throws IllegalArgumentException for any other type, null included
    public static TaskKey of(@Nullable Object value) {
        if (value instanceof String text) {
            return new TaskKey(text);
        }
        return new TaskKey(checked(value));
    }

    private static Object checked(@Nullable Object value) {
        if (value instanceof String || value instanceof Long) {
            return value;
        }
        return switch (value) {
            case Integer number -> (long) number;
            case Double number -> number;
            case byte[] bytes -> bytes;
            case List<?> items -> {
                var copy = new Object[items.size()];
                for (int i = 0; i < copy.length; i++) {
                    copy[i] = checked(items.get(i));
                }
                yield List.of(copy);
            }
            case null -> throw new IllegalArgumentException("a task key cannot be null");
            default ->
                throw new IllegalArgumentException(
                        "a task key cannot be a " + value.getClass().getSimpleName());
        };
    }

    /// String, Long, Double, byte[] or List, fit for the wire.
    public Object value() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof TaskKey that && hash == that.hash && same(value, that.value);
    }

    private static boolean same(Object a, Object b) {
        if (a instanceof byte[] x) {
            return b instanceof byte[] y && Arrays.equals(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y && x.size() == y.size()) {
            for (int i = 0; i < x.size(); i++) {
                if (!same(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    /// Not as lists have it: of the keys of an array, a name and small numbers, many would be equal.
    private static int hashOf(Object value) {
        if (value instanceof List<?> items) {
            int hash = 1;
            for (int i = 0; i < items.size(); i++) {
                hash = (hash ^ hashOf(items.get(i))) * 0x9E3779B1;
                hash ^= hash >>> 15;
            }
            return hash;
        }
        return value instanceof byte[] bytes ? Arrays.hashCode(bytes) : value.hashCode();
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// As Python's `str` shows it: `inc-1`, `('x', 0)`.
    @Override
    public String toString() {
        return value instanceof String text ? text : repr(value);
    }

    private static String repr(Object value) {
        return switch (value) {
            case String text -> "'" + text + "'";
            case byte[] bytes -> "b'" + new String(bytes, StandardCharsets.UTF_8) + "'";
            case List<?> items -> {
                var text = new StringBuilder("(");
                for (int i = 0; i < items.size(); i++) {
                    text.append(i == 0 ? "" : ", ").append(repr(items.get(i)));
                }
                yield text.append(items.size() == 1 ? ",)" : ")").toString();
            }
            default -> value.toString();
        };
    }

    /// The task prefix: the key's first text without what makes it unique; source: Dask's `key_split`.
    public String prefix() {
        return KeyNames.prefix(value);
    }

    /// The task group: the first element of a tuple, otherwise as [#prefix] for text; source: Dask's
    /// `key_split_group`.
    public String group() {
        return KeyNames.group(value);
    }
}
