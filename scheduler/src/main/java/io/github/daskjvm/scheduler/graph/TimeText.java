package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.protocol.BadMessageException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Spans of time as Dask writes them: `"100 ms"`, `"60s"`, `"1.5 hours"`, `"5"` or a number, both in seconds.
final class TimeText {
    private static final Pattern FORM = Pattern.compile("([-+.0-9eE]*?)([a-zA-Z]*)");
    private static final Map<String, Double> SECONDS = Map.ofEntries(
            Map.entry("", 1.0),
            Map.entry("s", 1.0),
            Map.entry("second", 1.0),
            Map.entry("ms", 1e-3),
            Map.entry("millisecond", 1e-3),
            Map.entry("us", 1e-6),
            Map.entry("microsecond", 1e-6),
            Map.entry("ns", 1e-9),
            Map.entry("nanosecond", 1e-9),
            Map.entry("m", 60.0),
            Map.entry("minute", 60.0),
            Map.entry("h", 3600.0),
            Map.entry("hour", 3600.0),
            Map.entry("d", 86400.0),
            Map.entry("day", 86400.0),
            Map.entry("w", 604800.0),
            Map.entry("week", 604800.0));

    private TimeText() {}

    /// @param value null counts as zero
    /// @throws BadMessageException for what is no span of time
    static long nanos(@Nullable Object value) throws BadMessageException {
        return switch (value) {
            case null -> 0;
            case Number seconds -> nanosOf(seconds.doubleValue());
            case String text -> nanosOf(seconds(text));
            default -> throw bad(value);
        };
    }

    private static long nanosOf(double seconds) {
        return Math.round(Math.max(0, seconds) * 1e9);
    }

    private static double seconds(String text) throws BadMessageException {
        Matcher matcher = FORM.matcher(text.replace(" ", ""));
        if (text.isBlank() || !matcher.matches()) {
            throw bad(text);
        }
        String number = matcher.group(1);
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        Double size = SECONDS.get(unit);
        if (size == null && unit.endsWith("s")) {
            size = SECONDS.get(unit.substring(0, unit.length() - 1));
        }
        if (size == null) {
            throw bad(text);
        }
        try {
            return size * (number.isEmpty() ? 1 : Double.parseDouble(number));
        } catch (NumberFormatException e) {
            throw bad(text);
        }
    }

    private static BadMessageException bad(Object value) {
        return new BadMessageException("'" + value + "' is no span of time such as \"100 ms\" or 0.5");
    }
}
