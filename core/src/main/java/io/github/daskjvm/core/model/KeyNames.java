package io.github.daskjvm.core.model;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Prefix and group of a task key, exactly as Dask computes them (`dask.utils.key_split`,
/// `distributed.utils.key_split_group`), since metrics and dashboards show these names.
final class KeyNames {
    private KeyNames() {}

    static String prefix(Object key) {
        return switch (key) {
            case String text -> prefixOfText(text);
            case byte[] bytes -> prefixOfText(new String(bytes, StandardCharsets.UTF_8));
            case List<?> items when !items.isEmpty() -> prefix(items.getFirst());
            default -> "Other";
        };
    }

    static String group(Object key) {
        return switch (key) {
            case List<?> items when !items.isEmpty() -> items.getFirst() instanceof String text ? text : "Other";
            case String text -> groupOfText(text);
            case byte[] bytes -> groupOfText(new String(bytes, StandardCharsets.UTF_8));
            default -> "Other";
        };
    }

    private static String groupOfText(String text) {
        if (text.startsWith("(")) {
            int comma = text.indexOf(',');
            return strip(comma < 0 ? text : text.substring(0, comma), "()\"'");
        }
        if (text.length() == 32 && isHex(text)) {
            return "data";
        }
        if (text.startsWith("<")) {
            return className(text);
        }
        return prefixOfText(text);
    }

    private static String prefixOfText(String text) {
        int dash = text.indexOf('-');
        String first = dash < 0 ? text : text.substring(0, dash);
        if (first.isEmpty()) {
            return "Other";
        }
        int end = endOfWords(text, dash);
        String name;
        if (Character.isLetter(first.charAt(0))) {
            name = text.substring(0, end);
        } else {
            int comma = first.indexOf(',');
            name = strip(comma < 0 ? first : first.substring(0, comma), "_'()\"") + text.substring(first.length(), end);
        }
        if (name.isEmpty()) {
            return "Other";
        }
        if (name.length() == 32 && isHex(name)) {
            return "data";
        }
        return name.startsWith("<") ? className(name) : name;
    }

    /// Where the last of the words ends that stand, each behind a dash, from the first dash on.
    private static int endOfWords(String text, int firstDash) {
        int dash = firstDash;
        while (dash >= 0) {
            int next = text.indexOf('-', dash + 1);
            int end = next < 0 ? text.length() : next;
            if (!isAlphabetic(text, dash + 1, end) || (end - dash == 9 && looksLikeHex(text.charAt(dash + 1)))) {
                return dash;
            }
            dash = next;
        }
        return text.length();
    }

    /// `<a.b.C object at 0x…>` gives `C`.
    private static String className(String text) {
        String word = strip(text, "<>").split("\\s+", 2)[0];
        return word.substring(word.lastIndexOf('.') + 1);
    }

    private static String strip(String text, String characters) {
        int from = 0;
        int to = text.length();
        while (from < to && characters.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && characters.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isAlphabetic(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Character.isLetter(text.charAt(i))) {
                return false;
            }
        }
        return from < to;
    }

    /// Dask looks at the first letter only, so `x-download` is of prefix `x`.
    private static boolean looksLikeHex(char first) {
        return first >= 'a' && first <= 'f';
    }

    private static boolean isHex(String word) {
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
