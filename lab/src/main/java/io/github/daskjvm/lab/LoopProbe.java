package io.github.daskjvm.lab;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// How long a scheduler's event loop lets others wait: the time of a question that it answers at once when it is free,
/// asked every ten milliseconds. A question that could not be asked in time, since the one before had no answer
/// yet, counts from when it was due.
final class LoopProbe implements AutoCloseable {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Map<String, Object> QUESTION =
            Map.of("op", "get_task_status", "keys", List.of("there is no such task"), "reply", true);

    private final String scheduler;
    private final Thread thread;
    private long[] nanos = new long[1024];
    private int count;
    private volatile boolean closed;
    private volatile @Nullable Exception failure;

    LoopProbe(String scheduler) {
        this.scheduler = scheduler;
        thread = Thread.ofPlatform().daemon().name("loop-probe").start(this::ask);
    }

    private void ask() {
        try (var pool = new RpcPool(null, TIMEOUT)) {
            pool.call(scheduler, QUESTION, TIMEOUT); // connects
            long dueNanos = System.nanoTime();
            while (!closed) {
                dueNanos += INTERVAL_NANOS;
                LockSupport.parkNanos(dueNanos - System.nanoTime());
                while (System.nanoTime() - dueNanos < 0) {
                    LockSupport.parkNanos(dueNanos - System.nanoTime());
                }
                pool.call(scheduler, QUESTION, TIMEOUT);
                add(System.nanoTime() - dueNanos);
            }
        } catch (IOException | RpcFailure e) {
            failure = e;
        }
    }

    private void add(long value) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = value;
    }

    /// Milliseconds.
    ///
    /// @param samples how many questions were answered
    record Latency(double median, double p99, double most, int samples) {}

    /// Ends it.
    ///
    /// @throws IOException if the scheduler stopped answering
    Latency end() throws IOException {
        close();
        Exception failed = failure;
        if (failed != null) {
            throw new IOException("the scheduler did not answer: " + failed.getMessage(), failed);
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return new Latency(millis(sorted, 0.5), millis(sorted, 0.99), millis(sorted, 1), count);
    }

    private static double millis(long[] sorted, double quantile) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))] / 1e6;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
