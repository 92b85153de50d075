package io.github.daskjvm.monitoring;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes something dear once for all who ask for it at the same time. Who asks while it is being made waits for the
/// next one, which the others that wait then share: nobody gets what was begun before they asked. So many askers at
/// once cost no more than two, and one at a time. Any thread may call.
final class Coalesced<T> {
    private final Supplier<T> maker;
    private final ReentrantLock lock = new ReentrantLock();
    private long begunNanos;
    private @Nullable T made;

    Coalesced(Supplier<T> maker) {
        this.maker = maker;
    }

    /// How many wait, about.
    int waiting() {
        return lock.getQueueLength();
    }

    T get() {
        long askedNanos = System.nanoTime();
        lock.lock();
        try {
            T present = made;
            if (present == null || begunNanos - askedNanos < 0) {
                begunNanos = System.nanoTime();
                present = maker.get();
            }
            // Kept for those that wait already, as long as there are any.
            made = lock.hasQueuedThreads() ? present : null;
            return present;
        } finally {
            lock.unlock();
        }
    }
}
