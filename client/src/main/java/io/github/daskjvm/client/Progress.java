package io.github.daskjvm.client;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Tells how far a number of tasks is: as a bar, or to a listener. It ends by itself when all are done, or by
/// [#close]. It does not keep the tasks going: that is for their futures.
///
/// ```java
/// try (Progress progress = Progress.bar(futures)) {
///     results = client.gather(futures);
/// }
/// ```
public final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final Duration DRAWN_EVERY = Duration.ofMillis(100);
    private static final int LINES = 10;

    /// How far the tasks are.
    ///
    /// @param done finished, failed and cancelled ones
    /// @param failed those of them that failed or were cancelled
    /// @param elapsed since the progress was started
    public record Step(int done, int failed, int total, Duration elapsed) {
        /// Whether all are done.
        public boolean isLast() {
            return done == total;
        }

        private String text() {
            return String.format(
                    Locale.ROOT,
                    "%,d of %,d tasks, %.1f s%s",
                    done,
                    total,
                    elapsed.toNanos() / 1e9,
                    failed == 0 ? "" : ", " + failed + " failed");
        }
    }

    private final int total;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final long startNanos = System.nanoTime();
    private final Consumer<Step> told;
    private final Runnable atEnd;
    private final Thread teller;
    private volatile boolean closed;

    private Progress(Collection<? extends Future<?>> futures, Duration every, Consumer<Step> told, Runnable atEnd) {
        this.total = futures.size();
        this.told = told;
        this.atEnd = atEnd;
        for (Future<?> future : futures) {
            KeyState state = future.keyState();
            state.onDone(() -> {
                if (state.status() != FutureStatus.FINISHED) {
                    failed.incrementAndGet();
                }
                done.incrementAndGet();
            });
        }
        this.teller = Thread.ofVirtual().name("progress").start(() -> run(every));
    }

    /// On standard error: a bar that is drawn ten times a second on one line of a terminal; elsewhere a line for
    /// each tenth of the tasks.
    public static Progress bar(Collection<? extends Future<?>> futures) {
        var console = System.console();
        return bar(futures, System.err, console != null && console.isTerminal());
    }

    /// As [#bar(Collection)], elsewhere.
    ///
    /// @param terminal whether a line can be drawn over
    public static Progress bar(Collection<? extends Future<?>> futures, PrintStream out, boolean terminal) {
        if (terminal) {
            return new Progress(futures, DRAWN_EVERY, step -> draw(step, out), out::println);
        }
        var tenth = new AtomicInteger(-1);
        return new Progress(
                futures,
                DRAWN_EVERY,
                step -> {
                    int now = step.total == 0 ? LINES : (int) ((long) LINES * step.done / step.total);
                    if (tenth.getAndSet(now) != now) {
                        out.println(step.text());
                    }
                },
                () -> {});
    }

    /// Tells a listener in intervals how far the tasks are, and a last time at the end.
    ///
    /// @param listener called by one thread; what it throws ends the telling
    public static Progress listen(Collection<? extends Future<?>> futures, Duration every, Consumer<Step> listener) {
        return new Progress(futures, every, listener, () -> {});
    }

    private static void draw(Step step, PrintStream out) {
        int filled = step.total == 0 ? WIDTH : (int) ((long) WIDTH * step.done / step.total);
        out.print("\r[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + step.text());
        out.flush();
    }

    /// How far the tasks are now.
    public Step step() {
        // In this order: no more have failed than are done.
        int bad = failed.get();
        return new Step(Math.max(bad, done.get()), bad, total, Duration.ofNanos(System.nanoTime() - startNanos));
    }

    private void run(Duration every) {
        Step step = step();
        while (!closed && !step.isLast()) {
            told.accept(step);
            LockSupport.parkNanos(this, every.toNanos());
            step = step();
        }
        told.accept(step);
        atEnd.run();
    }

    /// Tells the last state, and ends. Does not wait for the tasks.
    @Override
    public void close() throws InterruptedException {
        closed = true;
        LockSupport.unpark(teller);
        teller.join();
    }
}
