package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;

/// Until when a call may wait.
///
/// @param limited false for ever
/// @param nanos by `System.nanoTime`
record Deadline(boolean limited, long nanos) {
    private static final double SECONDS_MAX = 1e9;

    /// From the field `timeout`, a number of seconds or a duration as text; null and missing are for ever.
    static Deadline of(Fields request) throws BadMessageException {
        Object timeout = request.get("timeout");
        if (timeout == null) {
            return new Deadline(false, 0);
        }
        double seconds = Wire.seconds(timeout, request, "timeout");
        if (Double.isNaN(seconds)) {
            throw request.wrong("timeout", "a duration such as 5s");
        }
        return new Deadline(true, System.nanoTime() + (long) (1e9 * Math.clamp(seconds, -SECONDS_MAX, SECONDS_MAX)));
    }

    /// Not below zero.
    long nanosLeft() {
        return limited ? Math.max(0, nanos - System.nanoTime()) : Long.MAX_VALUE;
    }

    boolean hasPassed() {
        return limited && nanos - System.nanoTime() <= 0;
    }
}
