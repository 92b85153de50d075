package io.github.daskjvm.protocol;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Durations as Dask's configuration and messages write them: `500 ms`, `5s`, `2 hours`, or a number of seconds. The
/// rules are those of `dask.utils.parse_timedelta`: blanks do not matter, nor does case, and a unit alone means one of
/// it.
public final class DurationText {
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
            Map.entry("w", 7 * 86400.0),
            Map.entry("week", 7 * 86400.0));

    private DurationText() {}

    /// @return seconds, none of them negative; empty where the text is no duration
    public static OptionalDouble seconds(String text) {
        String compact = text.replace(" ", "").toLowerCase(Locale.ROOT);
        if (compact.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!Character.isDigit(compact.charAt(0)) && compact.charAt(0) != '.') {
            compact = "1" + compact;
        }
        int start = compact.length();
        while (start > 0 && Character.isLetter(compact.charAt(start - 1))) {
            start--;
        }
        String unit = compact.substring(start);
        Double factor = SECONDS.get(unit);
        if (factor == null && unit.length() > 3 && unit.endsWith("s")) {
            factor = SECONDS.get(unit.substring(0, unit.length() - 1));
        }
        if (factor == null) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(Double.parseDouble(compact.substring(0, start)) * factor);
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
