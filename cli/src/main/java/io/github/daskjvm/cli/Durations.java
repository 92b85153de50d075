package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.Units;
import io.github.daskjvm.cli.options.BadOptionException;
import java.time.Duration;

/// Durations given as options.
final class Durations {
    private Durations() {}

    /// @throws BadOptionException when the text is no duration
    static Duration option(String name, String text) {
        return Units.duration(text)
                .orElseThrow(() -> new BadOptionException(
                        "'" + text + "' is no duration for " + name + "; the forms are 30, '30s', '500 ms' and '2h'"));
    }
}
