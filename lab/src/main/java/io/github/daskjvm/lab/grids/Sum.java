package io.github.daskjvm.lab.grids;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Adds up results that come by callbacks, on any threads.
final class Sum {
    private final AtomicLong sum = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch left;

    Sum(int results) {
        left = new CountDownLatch(results);
    }

    void add(int value) {
        sum.addAndGet(value);
        left.countDown();
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        left.countDown();
    }

    /// @throws IllegalStateException with the first failure as its cause
    long await() throws InterruptedException {
        left.await();
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException(cause);
        }
        return sum.get();
    }
}
