package io.github.daskjvm.cli.config;

import io.github.daskjvm.protocol.DurationText;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Durations and numbers of bytes as Dask writes them: `500 ms`, `5s`, `2 hours`, `64MiB`, `4 GB`, or a number
/// (seconds, bytes). The rules are those of `dask.utils.parse_timedelta` and `parse_bytes`: blanks do not matter, nor
/// does case, and a unit alone means one of it.
public final class Units {
    private static final String BYTE_PREFIXES = "kmgtp";

    /// A hundred years in seconds: what is longer is never.
    private static final double SECONDS_MAX = 3.2e9;

    private Units() {}

    /// Empty where the text is no duration. What exceeds a hundred years becomes a hundred years.
    public static Optional<Duration> duration(String text) {
        OptionalDouble seconds = DurationText.seconds(text);
        return seconds.isPresent() ? Optional.of(ofSeconds(seconds.getAsDouble())) : Optional.empty();
    }

    /// To the nanosecond, at most a hundred years.
    static Duration ofSeconds(double seconds) {
        double bounded = Math.min(seconds, SECONDS_MAX);
        long whole = (long) bounded;
        return Duration.ofSeconds(whole, Math.round((bounded - whole) * 1e9));
    }

    /// Empty where the text is no number of bytes.
    public static Optional<Long> bytes(String text) {
        String compact = compact(text);
        if (compact.isEmpty()) {
            return Optional.empty();
        }
        if (compact.chars().noneMatch(Character::isDigit)) {
            compact = "1" + compact;
        }
        int unitStart = unitStart(compact);
        Double factor = byteFactor(compact.substring(unitStart));
        Double number = number(compact.substring(0, unitStart));
        if (factor == null || number == null || number < 0) {
            return Optional.empty();
        }
        return Optional.of((long) (number * factor));
    }

    /// `b`, `k`, `kb`, `ki`, `kib`, …: powers of 1000, or of 1024 with an `i`.
    private static @Nullable Double byteFactor(String unit) {
        String stem = unit.endsWith("b") ? unit.substring(0, unit.length() - 1) : unit;
        if (stem.isEmpty()) {
            return 1.0;
        }
        boolean binary = stem.endsWith("i");
        int power = BYTE_PREFIXES.indexOf(stem.charAt(0)) + 1;
        if (power == 0 || stem.length() != (binary ? 2 : 1)) {
            return null;
        }
        return Math.pow(binary ? 1024 : 1000, power);
    }

    private static String compact(String text) {
        return text.replace(" ", "").toLowerCase(Locale.ROOT);
    }

    private static int unitStart(String compact) {
        int start = compact.length();
        while (start > 0 && Character.isLetter(compact.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private static @Nullable Double number(String text) {
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
