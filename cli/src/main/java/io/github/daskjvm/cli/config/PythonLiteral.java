package io.github.daskjvm.cli.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads what Python's `ast.literal_eval` reads and configuration needs: numbers, quoted texts, `True`, `False`,
/// `None`, and lists, tuples, sets and dictionaries of these.
final class PythonLiteral {
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*)?\\.?[0-9_]*(?:[eE][+-]?[0-9]+)?)");
    private static final int DEPTH_MAX = 50;

    private final String text;
    private int position;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /// @param value null for `None`
    record Value(@Nullable Object value) {}

    /// Empty where the text is no literal.
    static Optional<Value> parse(String text) {
        var parser = new PythonLiteral(text);
        try {
            Object value = parser.value(0);
            parser.skipBlanks();
            return parser.position == text.length() ? Optional.of(new Value(value)) : Optional.empty();
        } catch (NotALiteral e) {
            return Optional.empty();
        }
    }

    private static final class NotALiteral extends Exception {
        NotALiteral() {
            super("not a literal", null, false, false);
        }
    }

    private @Nullable Object value(int depth) throws NotALiteral {
        skipBlanks();
        if (position >= text.length() || depth > DEPTH_MAX) {
            throw new NotALiteral();
        }
        char c = text.charAt(position);
        return switch (c) {
            case '"', '\'' -> quoted(c);
            case '[' -> items(']', depth);
            case '(' -> parenthesized(depth);
            case '{' -> dictionaryOrSet(depth);
            default -> Character.isLetter(c) ? word() : number();
        };
    }

    private @Nullable Object word() throws NotALiteral {
        int start = position;
        while (position < text.length() && Character.isLetterOrDigit(text.charAt(position))) {
            position++;
        }
        return switch (text.substring(start, position)) {
            case "True" -> true;
            case "False" -> false;
            case "None" -> null;
            default -> throw new NotALiteral();
        };
    }

    private Object number() throws NotALiteral {
        Matcher matcher = NUMBER.matcher(text).region(position, text.length());
        if (!matcher.lookingAt() || matcher.group().isEmpty()) {
            throw new NotALiteral();
        }
        position = matcher.end();
        String digits = matcher.group().replace("_", "");
        try {
            if (digits.contains("x") || digits.contains("X")) {
                return new BigInteger(digits.replaceFirst("0[xX]", ""), 16).longValueExact();
            }
            if (digits.matches("[+-]?[0-9]+")) {
                if (digits.matches("[+-]?0[0-9]*[1-9][0-9]*")) {
                    throw new NotALiteral(); // Python refuses 0777
                }
                return new BigInteger(digits).longValueExact();
            }
            return Double.valueOf(digits);
        } catch (ArithmeticException e) {
            return new BigInteger(digits).doubleValue();
        } catch (NumberFormatException e) {
            throw new NotALiteral();
        }
    }

    private String quoted(char quote) throws NotALiteral {
        var value = new StringBuilder();
        position++;
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == quote) {
                return value.toString();
            }
            if (c == '\n') {
                break;
            }
            value.append(c == '\\' ? escaped() : c);
        }
        throw new NotALiteral();
    }

    /// The common escapes; of the others Python keeps the backslash, and here they make no literal.
    private char escaped() throws NotALiteral {
        if (position >= text.length()) {
            throw new NotALiteral();
        }
        char c = text.charAt(position++);
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '\\', '\'', '"' -> c;
            default -> throw new NotALiteral();
        };
    }

    private List<@Nullable Object> items(char end, int depth) throws NotALiteral {
        var items = new ArrayList<@Nullable Object>();
        position++;
        while (!at(end)) {
            items.add(value(depth + 1));
            separator(end);
        }
        position++;
        return items;
    }

    /// A tuple becomes a list; without a comma the parentheses only group.
    private @Nullable Object parenthesized(int depth) throws NotALiteral {
        int start = position;
        List<@Nullable Object> items = items(')', depth);
        boolean comma = text.substring(start, position).matches("(?s).*,\\s*\\)");
        return items.size() == 1 && !comma ? items.getFirst() : items;
    }

    private Object dictionaryOrSet(int depth) throws NotALiteral {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        List<@Nullable Object> set = new ArrayList<>();
        position++;
        while (!at('}')) {
            Object key = value(depth + 1);
            if (at(':')) {
                position++;
                map.put(key, value(depth + 1));
            } else {
                set.add(key);
            }
            separator('}');
        }
        position++;
        if (!map.isEmpty() && !set.isEmpty()) {
            throw new NotALiteral();
        }
        return set.isEmpty() ? map : set;
    }

    private void separator(char end) throws NotALiteral {
        if (at(',')) {
            position++;
        } else if (!at(end)) {
            throw new NotALiteral();
        }
    }

    private boolean at(char c) throws NotALiteral {
        skipBlanks();
        if (position >= text.length()) {
            throw new NotALiteral();
        }
        return text.charAt(position) == c;
    }

    private void skipBlanks() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
    }
}
