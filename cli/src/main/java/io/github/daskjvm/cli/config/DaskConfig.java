package io.github.daskjvm.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Dask's configuration, under Dask's keys (`distributed.scheduler.allowed-failures`; `-` and `_` are the same).
///
/// Later sources win: Dask's defaults for the keys that are used here, YAML files, environment variables. A key that
/// is absent or null gives an empty answer. Immutable once loaded.
public final class DaskConfig {
    /// Up to here a `double` is exact.
    private static final double COUNT_MAX = 1L << 53;

    private final Node.Branch tree;

    private DaskConfig(Node.Branch tree) {
        this.tree = tree;
    }

    /// What holds for this process.
    ///
    /// @throws ConfigException when a source can not be read
    public static DaskConfig load() {
        Map<String, String> variables = System.getenv();
        String home = variables.getOrDefault("HOME", System.getProperty("user.home", "/"));
        return load(variables, Path.of(home));
    }

    /// @param variables the environment
    /// @param home what `~` stands for
    /// @throws ConfigException when a source can not be read
    public static DaskConfig load(Map<String, String> variables, Path home) {
        Node.Branch tree = Defaults.tree();
        for (Node.Branch file : YamlFiles.read(variables, home)) {
            tree.merge(file);
        }
        tree.merge(Environment.read(variables));
        Defaults.RENAMED.forEach((old, now) -> {
            if (tree.find(old) instanceof Node.Leaf leaf) {
                tree.set(now.split("\\."), leaf);
            }
        });
        return new DaskConfig(tree);
    }

    /// @throws ConfigException when the value is no text
    public Optional<String> text(String key) {
        return read(key, "must be a text", value -> value instanceof String text ? text : null);
    }

    /// Whatever is there, as YAML or Python can write it; empty for parts of their own.
    public Optional<Object> value(String key) {
        return tree.find(key) instanceof Node.Leaf leaf ? Optional.ofNullable(leaf.value()) : Optional.empty();
    }

    /// `yes`, `on` and the like count too, as in PyYAML.
    ///
    /// @throws ConfigException when the value is neither true nor false
    public boolean flag(String key) {
        return read(key, "must be true or false", DaskConfig::flagOf).orElse(false);
    }

    /// Whether a threshold is set at all: not where it is false or 0.
    ///
    /// @throws ConfigException when the value is neither a number between 0 and 1 nor false
    public boolean isOn(String key) {
        return read(key, "must be a number between 0 and 1, or false", value -> {
                    Double number = numberOf(value);
                    return number == null ? flagOf(value) : number >= 0 && number <= 1 ? (Boolean) (number > 0) : null;
                })
                .orElse(false);
    }

    /// @throws ConfigException when the value is no whole number of 0 or more
    public OptionalLong count(String key) {
        return read(key, "must be a whole number of 0 or more", DaskConfig::countOf)
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /// A number above 0, `inf` included.
    ///
    /// @throws ConfigException when the value is none
    public Optional<Double> positive(String key) {
        return read(key, "must be a number above 0, or inf", DaskConfig::positiveOf);
    }

    /// Seconds as a number, or a text such as `500 ms`. `false` is as good as nothing, as in Dask.
    ///
    /// @throws ConfigException when the value is no duration
    public Optional<Duration> duration(String key) {
        if (leaf(key) instanceof Node.Leaf leaf && Boolean.FALSE.equals(leaf.value())) {
            return Optional.empty();
        }
        return read(
                key,
                "must be a duration such as '500 ms', '5s' or '2 hours', or a number of seconds",
                value -> durationOf(value));
    }

    /// As [#duration], but a number alone is of milliseconds, as Dask reads its intervals.
    ///
    /// @throws ConfigException when the value is no duration
    public Optional<Duration> interval(String key) {
        return read(
                key,
                "must be a duration such as '500 ms' or '5s', or a number of milliseconds",
                value -> value instanceof Number number ? durationOf(number.doubleValue() / 1e3) : durationOf(value));
    }

    /// A number of bytes, or a text such as `64MiB`.
    ///
    /// @throws ConfigException when the value is none
    public OptionalLong bytes(String key) {
        return read(key, "must be a number of bytes, such as 1000000, '64MiB' or '4 GB'", DaskConfig::bytesOf)
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /// @throws ConfigException when the value is no list of texts
    public List<String> texts(String key) {
        return read(key, "must be a list of texts, such as ['run', 'run_function']", DaskConfig::textsOf)
                .orElse(List.of());
    }

    /// A text that stands for something; `meaning` says for what, or null.
    ///
    /// @param expected after "but", for values that mean nothing
    /// @throws ConfigException when the value is no text, or means nothing
    public <T> Optional<T> word(String key, String expected, Function<String, @Nullable T> meaning) {
        return read(key, expected, value -> value instanceof String text ? meaning.apply(text) : null);
    }

    /// A number between 0 and 1.
    ///
    /// @throws ConfigException when the value is none
    public Optional<Double> fraction(String key) {
        return read(key, "must be a number between 0 and 1", value -> {
            Double number = numberOf(value);
            return number != null && number >= 0 && number <= 1 ? number : null;
        });
    }

    /// @throws ConfigException when the value is no list of mappings
    public List<Map<?, ?>> mappings(String key) {
        return read(key, "must be a list of mappings", value -> {
                    if (!(value instanceof List<?> items)) {
                        return null;
                    }
                    var mappings = new ArrayList<Map<?, ?>>();
                    for (Object item : items) {
                        if (!(item instanceof Map<?, ?> map)) {
                            return null;
                        }
                        mappings.add(map);
                    }
                    return (List<Map<?, ?>>) mappings;
                })
                .orElse(List.of());
    }

    /// The durations below a key, by name.
    ///
    /// @throws ConfigException when one of them is no duration, or what is there has no names
    public Map<String, Duration> durations(String key) {
        return mapping(key, "must be a mapping of names to durations", this::duration);
    }

    /// The numbers above 0 below a key, by name.
    ///
    /// @throws ConfigException when one of them is none, or what is there has no names
    public Map<String, Double> amounts(String key) {
        return mapping(key, "must be a mapping of names to numbers", this::positive);
    }

    /// The words below a key, by name, where names may have dots; as `logging` has levels by logger. Empty where there
    /// is something else.
    public Map<String, String> words(String key) {
        var words = new LinkedHashMap<String, String>();
        if (tree.find(key) instanceof Node.Branch branch) {
            branch.children().forEach((name, node) -> {
                if (node instanceof Node.Leaf leaf && leaf.value() instanceof String word) {
                    words.put(name, word);
                }
            });
        }
        return words;
    }

    private <T> Map<String, T> mapping(String key, String expected, Function<String, Optional<T>> value) {
        var values = new LinkedHashMap<String, T>();
        switch (tree.find(key)) {
            case null -> {}
            case Node.Branch branch ->
                branch.children()
                        .keySet()
                        .forEach(name -> value.apply(key + "." + name).ifPresent(given -> values.put(name, given)));
            case Node.Leaf leaf when leaf.value() == null -> {}
            case Node.Leaf leaf -> throw refused(key, leaf, expected);
        }
        return values;
    }

    private <T> Optional<T> read(String key, String expected, Function<Object, @Nullable T> convert) {
        Node.Leaf leaf = leaf(key);
        if (leaf == null || leaf.value() == null) {
            return Optional.empty();
        }
        T converted = convert.apply(leaf.value());
        if (converted == null) {
            throw refused(key, leaf, expected);
        }
        return Optional.of(converted);
    }

    private Node.@Nullable Leaf leaf(String key) {
        return switch (tree.find(key)) {
            case null -> null;
            case Node.Leaf leaf -> leaf;
            case Node.Branch branch ->
                throw new ConfigException("the setting " + key + " must be a single value, but has the parts "
                        + branch.children().keySet());
        };
    }

    private static ConfigException refused(String key, Node.Leaf leaf, String expected) {
        return new ConfigException(
                "the setting " + key + " is '" + leaf.value() + "' (from " + leaf.source() + "), but " + expected);
    }

    private static @Nullable Boolean flagOf(Object value) {
        return switch (value) {
            case Boolean flag -> flag;
            case Number number when number.doubleValue() == 0 || number.doubleValue() == 1 -> number.doubleValue() == 1;
            case String text ->
                switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on" -> true;
                    case "false", "no", "off" -> false;
                    default -> null;
                };
            default -> null;
        };
    }

    private static @Nullable Long countOf(Object value) {
        Double number = numberOf(value);
        if (number == null || number < 0 || number != Math.rint(number) || number > COUNT_MAX) {
            return null;
        }
        return number.longValue();
    }

    private static @Nullable Double positiveOf(Object value) {
        Double number = numberOf(value);
        return number != null && number > 0 ? number : null;
    }

    private static @Nullable Double numberOf(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (!(value instanceof String text)) {
            return null;
        }
        String lower = text.strip().toLowerCase(Locale.ROOT);
        if (lower.equals("inf") || lower.equals("infinity") || lower.equals(".inf")) {
            return Double.POSITIVE_INFINITY;
        }
        try {
            return Double.valueOf(lower);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Duration durationOf(Object value) {
        if (value instanceof Number number) {
            double seconds = number.doubleValue();
            return seconds >= 0 ? Units.ofSeconds(seconds) : null;
        }
        return value instanceof String text ? Units.duration(text).orElse(null) : null;
    }

    private static @Nullable Long bytesOf(Object value) {
        if (value instanceof Number number) {
            return number.longValue() >= 0 ? (Long) number.longValue() : null;
        }
        return value instanceof String text ? Units.bytes(text).orElse(null) : null;
    }

    private static @Nullable List<String> textsOf(Object value) {
        if (!(value instanceof List<?> items)) {
            return null;
        }
        var texts = new ArrayList<String>();
        for (Object item : items) {
            if (!(item instanceof String text)) {
                return null;
            }
            texts.add(text);
        }
        return texts;
    }
}
