package io.github.daskjvm.worker.nanny;

import java.time.Duration;

/// How long to wait before a worker that died is started again: not at all the first time, then a second, twice as
/// long each time, at most a minute. A worker that lived for a minute starts the count anew. Of one thread.
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration LIVED_WELL = Duration.ofMinutes(1);
    /// Workers in a row that died before they had joined the cluster, until there is no hope.
    private static final int STILLBORN_MAX = 10;

    private Duration next = Duration.ZERO;
    private int stillborn;

    /// Before the next start.
    ///
    /// @param lived how long the process was there
    /// @param joined whether it had become part of the cluster
    Duration afterDeath(Duration lived, boolean joined) {
        stillborn = joined ? 0 : stillborn + 1;
        if (joined && lived.compareTo(LIVED_WELL) >= 0) {
            next = Duration.ZERO;
        }
        Duration wait = next;
        Duration twice = next.multipliedBy(2);
        next = next.isZero() ? FIRST : twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
        return wait;
    }

    /// Whether starting another one makes no sense any more.
    boolean isHopeless() {
        return stillborn >= STILLBORN_MAX;
    }
}
