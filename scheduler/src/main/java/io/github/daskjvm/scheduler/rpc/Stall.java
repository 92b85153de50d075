package io.github.daskjvm.scheduler.rpc;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Looks whether something goes on, and ends it where it has not for too long: one that writes to a peer that
/// never reads waits for ever otherwise, and keeps others waiting for what it holds.
final class Stall implements AutoCloseable {
    private static final int LOOKS = 4;

    private final Thread thread;

    /// @param limit without progress
    /// @param position that changes with progress; read by another thread
    /// @param end called once by that thread when there was none for so long
    Stall(Duration limit, LongSupplier position, Runnable end) {
        thread = Thread.ofVirtual().name("stall").start(() -> look(limit, position, end));
    }

    private static void look(Duration limit, LongSupplier position, Runnable end) {
        long last = position.getAsLong();
        int still = 0;
        try {
            while (still < LOOKS) {
                Thread.sleep(limit.dividedBy(LOOKS));
                long now = position.getAsLong();
                still = now == last ? still + 1 : 0;
                last = now;
            }
            end.run();
        } catch (InterruptedException over) {
            // It went on to its end.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
