package io.github.daskjvm.cli.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A command line taken apart: the values of its options, and its argument.
///
/// @param values by option name; empty text for a flag, [#SEPARATOR] between several of one option
/// @param operand null where none was given
public record Parsed(Map<String, String> values, @Nullable String operand) {
    static final String SEPARATOR = "\0";

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public @Nullable String text(String name) {
        return values.get(name);
    }

    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /// The values of an option that may be given several times; empty where it was not.
    public List<String> texts(String name) {
        String joined = values.get(name);
        return joined == null ? List.of() : List.of(joined.split(SEPARATOR, -1));
    }

    public @Nullable Path path(String name) {
        String path = values.get(name);
        return path == null ? null : Path.of(path);
    }

    /// @throws BadOptionException when the value is no whole number from `least` on
    public int number(String name, int otherwise, int least) {
        String text = values.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The same answer as to a number that is too small.
        }
        throw new BadOptionException(
                "'" + text + "' is no value for " + name + ", which takes a whole number from " + least + " on");
    }
}
