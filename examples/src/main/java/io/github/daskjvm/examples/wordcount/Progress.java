package io.github.daskjvm.examples.wordcount;

import io.github.daskjvm.client.Future;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A bar that fills as futures are done, drawn ten times a second on one line of a terminal; nothing elsewhere.
final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long DRAWN_EVERY_MILLIS = 100;

    private final PrintStream out;
    private final int total;
    private final AtomicInteger done = new AtomicInteger();
    private final long startNanos = System.nanoTime();
    private final @Nullable Thread drawer;

    private Progress(PrintStream out, List<? extends Future<?>> futures, boolean drawn) {
        this.out = out;
        this.total = futures.size();
        for (Future<?> future : futures) {
            future.whenDone(f -> done.incrementAndGet());
        }
        this.drawer = drawn ? Thread.ofVirtual().name("progress").start(this::run) : null;
    }

    static Progress start(PrintStream out, List<? extends Future<?>> futures, boolean drawn) {
        return new Progress(out, futures, drawn);
    }

    private void run() {
        try {
            while (true) {
                draw();
                Thread.sleep(DRAWN_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            draw();
            out.println();
        }
    }

    private void draw() {
        int now = done.get();
        int filled = total == 0 ? WIDTH : (int) ((long) WIDTH * now / total);
        out.printf(
                Locale.ROOT,
                "\r[%s%s] %d of %d tasks, %.1f s",
                "#".repeat(filled),
                " ".repeat(WIDTH - filled),
                now,
                total,
                (System.nanoTime() - startNanos) / 1e9);
        out.flush();
    }

    /// Draws the last state and ends the line.
    @Override
    public void close() throws InterruptedException {
        if (drawer != null) {
            drawer.interrupt();
            drawer.join();
        }
    }
}
