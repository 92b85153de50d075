package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task's key from the text that pages show: as it stands, or a tuple in Python's form, `('x', 0, 1)`.
public final class KeyText {
    private static final int DEPTH_MAX = 20;

    private final String text;
    private int at;

    private KeyText(String text) {
        this.text = text;
    }

    /// Keys that the text may mean, likeliest first: `(1)` is a text as well as a number in parentheses, but no
    /// tuple.
    public static List<TaskKey> keys(String text) {
        List<TaskKey> keys = new ArrayList<>();
        keys.add(TaskKey.of(text));
        var parser = new KeyText(text.strip());
        Object value = parser.value(0);
        if (value != null && parser.at == parser.text.length() && !(value instanceof String)) {
            keys.add(TaskKey.of(value));
        }
        return keys;
    }

    /// Null for what is none of these.
    private @Nullable Object value(int depth) {
        if (at >= text.length() || depth > DEPTH_MAX) {
            return null;
        }
        return switch (text.charAt(at)) {
            case '(' -> tuple(depth);
            case '\'', '"' -> quoted();
            default -> number();
        };
    }

    private @Nullable Object tuple(int depth) {
        List<Object> items = new ArrayList<>();
        boolean comma = false;
        at++;
        skipSpaces();
        while (at < text.length() && text.charAt(at) != ')') {
            Object item = value(depth + 1);
            if (item == null) {
                return null;
            }
            items.add(item);
            skipSpaces();
            comma = at < text.length() && text.charAt(at) == ',';
            if (comma) {
                at++;
                skipSpaces();
            } else if (at >= text.length() || text.charAt(at) != ')') {
                return null;
            }
        }
        if (at >= text.length() || items.size() == 1 && !comma) {
            return null;
        }
        at++;
        return items;
    }

    private @Nullable Object quoted() {
        int end = text.indexOf(text.charAt(at), at + 1);
        if (end < 0) {
            return null;
        }
        String inside = text.substring(at + 1, end);
        at = end + 1;
        return inside;
    }

    private @Nullable Object number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        try {
            return digits.matches("[+-]?\\d+") ? (Object) Long.valueOf(digits) : (Object) Double.valueOf(digits);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private void skipSpaces() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }
}
