package io.github.daskjvm.scheduler;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as Dask's configuration and messages write them: `5s`, `100 ms`, `2 minutes`, `1.5h`, `30`.
public final class Durations {
    private static final Pattern FORM = Pattern.compile("\\s*([-+0-9.eE]*?)\\s*([a-zA-Z]*)\\s*");
    private static final Map<String, Double> UNITS = Map.ofEntries(
            Map.entry("", 1.0),
            Map.entry("s", 1.0),
            Map.entry("sec", 1.0),
            Map.entry("second", 1.0),
            Map.entry("ms", 1e-3),
            Map.entry("millisecond", 1e-3),
            Map.entry("us", 1e-6),
            Map.entry("microsecond", 1e-6),
            Map.entry("ns", 1e-9),
            Map.entry("nanosecond", 1e-9),
            Map.entry("m", 60.0),
            Map.entry("min", 60.0),
            Map.entry("minute", 60.0),
            Map.entry("h", 3600.0),
            Map.entry("hr", 3600.0),
            Map.entry("hour", 3600.0),
            Map.entry("d", 86400.0),
            Map.entry("day", 86400.0),
            Map.entry("w", 604800.0),
            Map.entry("week", 604800.0));

    private Durations() {}

    /// @throws IllegalArgumentException naming the text, if it is no duration
    public static double seconds(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            String unit = matcher.group(2).toLowerCase(Locale.ROOT);
            Double seconds = UNITS.get(unit);
            if (seconds == null && unit.endsWith("s")) {
                seconds = UNITS.get(unit.substring(0, unit.length() - 1));
            }
            String number = matcher.group(1);
            if (seconds != null && (!number.isEmpty() || !unit.isEmpty())) {
                try {
                    return (number.isEmpty() ? 1 : Double.parseDouble(number)) * seconds;
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("'" + text + "' is not a duration such as 5s or 100 ms", e);
                }
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not a duration such as 5s or 100 ms");
    }
}
