package io.github.daskjvm.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/// When to give up waiting; never, if made by [#NEVER].
final class Deadline {
    static final Deadline NEVER = new Deadline(0, -1);

    private final long atNanos;
    private final long durationNanos;

    private Deadline(long atNanos, long durationNanos) {
        this.atNanos = atNanos;
        this.durationNanos = durationNanos;
    }

    static Deadline in(long amount, TimeUnit unit) {
        long nanos = Math.max(0, unit.toNanos(amount));
        // Half of the clock's range is 146 years.
        return nanos >= Long.MAX_VALUE / 2 ? NEVER : new Deadline(System.nanoTime() + nanos, nanos);
    }

    static Deadline in(Duration duration) {
        return in(TimeUnit.NANOSECONDS.convert(duration), TimeUnit.NANOSECONDS);
    }

    boolean isNever() {
        return durationNanos < 0;
    }

    boolean isOver() {
        return !isNever() && leftNanos() <= 0;
    }

    /// At least 0; meaningless for [#NEVER].
    long leftNanos() {
        return Math.max(0, atNanos - System.nanoTime());
    }

    /// Waits for a signal, which may be spurious; false if the time was over before.
    boolean await(Condition condition) throws InterruptedException {
        if (isNever()) {
            condition.await();
            return true;
        }
        long left = leftNanos();
        if (left <= 0) {
            return false;
        }
        condition.awaitNanos(left);
        return true;
    }

    @Override
    public String toString() {
        return isNever()
                ? "no time limit"
                : Duration.ofNanos(durationNanos).toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }
}
