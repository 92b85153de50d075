package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.DurationText;
import org.jspecify.annotations.Nullable;

/// Spans of time as Dask writes them: `"100 ms"`, `"60s"`, `"1.5 hours"`, `"5"` or a number, both in seconds.
final class TimeText {
    private TimeText() {}

    /// @param value null counts as zero
    /// @throws BadMessageException for what is no span of time
    static long nanos(@Nullable Object value) throws BadMessageException {
        return switch (value) {
            case null -> 0;
            case Number seconds -> nanosOf(seconds.doubleValue());
            case String text -> nanosOf(DurationText.seconds(text).orElseThrow(() -> bad(text)));
            default -> throw bad(value);
        };
    }

    private static long nanosOf(double seconds) {
        return Math.round(Math.max(0, seconds) * 1e9);
    }

    private static BadMessageException bad(Object value) {
        return new BadMessageException("'" + value + "' is no span of time such as \"100 ms\" or 0.5");
    }
}
