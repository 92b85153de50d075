package io.github.daskjvm.worker;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// After how long a worker goes by itself, its data moved off first; Dask's `distributed.worker.lifetime`.
///
/// @param duration zero for no end
/// @param stagger by how much at most the end comes earlier or later, at random, so that not all workers go at once
/// @param restart whether the nanny is to start the worker again
public record Lifetime(Duration duration, Duration stagger, boolean restart) {
    public static final Lifetime ENDLESS = new Lifetime(Duration.ZERO, Duration.ZERO, false);

    public Lifetime {
        if (duration.isNegative() || stagger.isNegative()) {
            throw new IllegalArgumentException(
                    "a lifetime of " + duration + " with a stagger of " + stagger + "; neither may be negative");
        }
    }

    boolean isEndless() {
        return duration.isZero();
    }

    /// One worker's lifetime: uniformly from duration - stagger to duration + stagger, and not below 0.
    Duration drawn(RandomGenerator random) {
        double share = 2 * random.nextDouble() - 1;
        Duration drawn = duration.plusNanos((long) (share * stagger.toNanos()));
        return drawn.isNegative() ? Duration.ZERO : drawn;
    }
}
