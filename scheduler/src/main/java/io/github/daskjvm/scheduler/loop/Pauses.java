package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.scheduler.SchedulerState;

/// When the loop lets some time pass before it looks at its streams again: when it looked a moment ago and every worker
/// has work for longer. Workers of Python's send what they have to say in many small messages, and to wake up for each
/// costs more than what it says. Pauses are short while a client may wait. For the loop's thread.
final class Pauses {
    /// A shorter one is not worth its wake-up.
    private static final long MIN_NANOS = 200_000;
    /// So long there are none after a worker was out of work in spite of what was expected of it.
    private static final long AFTER_DRY_NANOS = 100_000_000;
    /// So long a client is taken to wait for an answer to what it said last, if only for what a worker has to say.
    private static final long AFTER_WORD_NANOS = 100_000_000;
    /// The longest one meanwhile.
    private static final long WITH_A_CLIENT_WAITING_MAX_NANOS = 4_000_000;

    private long lookedNanos;
    private boolean paused;
    private long ranDry;
    private long notBeforeNanos = System.nanoTime();
    private long clientWaitsUntilNanos = System.nanoTime();

    /// How long nothing need be looked at; 0 for not at all.
    ///
    /// @param now after what was read is applied
    long nanos(SchedulerState state, long now) {
        long dry = state.ranDry();
        if (dry != ranDry) {
            ranDry = dry;
            if (paused) {
                notBeforeNanos = now + AFTER_DRY_NANOS;
            }
        }
        paused = false;
        if (now - notBeforeNanos < 0) {
            return 0;
        }
        long leisure = state.leisureNanos();
        if (now - clientWaitsUntilNanos < 0) {
            leisure = Math.min(leisure, WITH_A_CLIENT_WAITING_MAX_NANOS);
        }
        long left = leisure == 0 ? 0 : lookedNanos + leisure - now;
        if (left < MIN_NANOS) {
            return 0;
        }
        paused = true;
        return left;
    }

    /// The streams were read.
    void looked(long now) {
        lookedNanos = now;
    }

    /// A client said something that it may wait for an answer to.
    void clientWaits(long now) {
        clientWaitsUntilNanos = now + AFTER_WORD_NANOS;
    }
}
