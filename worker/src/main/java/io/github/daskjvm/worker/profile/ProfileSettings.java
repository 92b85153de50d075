package io.github.daskjvm.worker.profile;

import java.time.Duration;

/// Dask's `distributed.worker.profile`.
///
/// @param enabled whether stacks are looked at at all
/// @param interval from one look to the next, while tasks run
/// @param cycle how fine the history is in time
public record ProfileSettings(boolean enabled, Duration interval, Duration cycle) {
    public static final ProfileSettings DEFAULT =
            new ProfileSettings(true, Duration.ofMillis(10), Duration.ofSeconds(1));

    public ProfileSettings {
        if (!interval.isPositive() || !cycle.isPositive()) {
            throw new IllegalArgumentException(
                    "stacks are looked at every " + interval + ", in cycles of " + cycle + "; both must be above 0");
        }
    }
}
