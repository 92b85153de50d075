package io.github.daskjvm.worker.task;

import io.github.daskjvm.comm.Tls;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What all tasks of a worker share: how to reach its cluster, and things that are made for the first task that asks
/// for them, and closed with the worker. Any thread may call.
public final class WorkerServices implements AutoCloseable {
    private final @Nullable Tls tls;
    private final ClassLoader loader;
    private final ReentrantLock lock = new ReentrantLock();
    private final SequencedMap<Class<?>, AutoCloseable> shared = new LinkedHashMap<>();
    private boolean closed;

    /// Makes something that is shared.
    @FunctionalInterface
    public interface Maker<T> {
        T make() throws IOException, InterruptedException;
    }

    /// @param tls certificates for `tls://` addresses
    /// @param loader finds the classes of tasks and their values
    public WorkerServices(@Nullable Tls tls, ClassLoader loader) {
        this.tls = tls;
        this.loader = loader;
    }

    public @Nullable Tls tls() {
        return tls;
    }

    public ClassLoader loader() {
        return loader;
    }

    /// The one of that class; made, while others wait for it, if there is none yet.
    ///
    /// @throws IllegalStateException if the worker is closed
    public <T extends AutoCloseable> T shared(Class<T> type, Maker<? extends T> maker)
            throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the worker is closed");
            }
            AutoCloseable present = shared.get(type);
            if (present == null) {
                present = maker.make();
                shared.put(type, present);
            }
            return type.cast(present);
        } finally {
            lock.unlock();
        }
    }

    /// Closes what was made, the last first.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            for (AutoCloseable one : shared.sequencedValues().reversed()) {
                try {
                    one.close();
                } catch (Exception e) {
                    // The worker ends in any case.
                    Thread.onSpinWait();
                }
            }
            shared.clear();
        } finally {
            lock.unlock();
        }
    }
}
