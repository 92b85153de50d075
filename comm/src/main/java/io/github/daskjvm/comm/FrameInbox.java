package io.github.daskjvm.comm;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Messages that a selector has read and a thread has not taken yet. When they grow too large the stream rests.
final class FrameInbox {
    /// Has the stream rest, or go on.
    @FunctionalInterface
    interface Pause {
        /// Called under the inbox' lock, so that the last call is the last decision; must not wait.
        void set(boolean stop);
    }

    private final long waitingMaxBytes;
    private final Pause pause;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<List<byte[]>> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean opened;
    private boolean awaited;
    private boolean paused;
    private @Nullable Throwable end;

    FrameInbox(long waitingMaxBytes, Pause pause) {
        this.waitingMaxBytes = waitingMaxBytes;
        this.pause = pause;
    }

    /// True the first time.
    boolean open() {
        lock.lock();
        try {
            boolean first = !opened;
            opened = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /// Whether all that was added is dealt with: who takes it waits for more.
    boolean isAwaited() {
        lock.lock();
        try {
            return awaited && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void add(List<byte[]> frames) {
        lock.lock();
        try {
            waiting.add(frames);
            bytes += size(frames);
            if (!paused && bytes > waitingMaxBytes) {
                paused = true;
                pause.set(true);
            }
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the next message.
    ///
    /// @throws IOException after the last, what ended the stream
    List<byte[]> take() throws IOException {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (end != null) {
                    throw rethrown(end);
                }
                awaited = true;
                arrived.awaitUninterruptibly();
            }
            awaited = false;
            List<byte[]> frames = waiting.removeFirst();
            bytes -= size(frames);
            if (paused && bytes < waitingMaxBytes / 2) {
                paused = false;
                pause.set(false);
            }
            return frames;
        } finally {
            lock.unlock();
        }
    }

    void end(Throwable cause) {
        lock.lock();
        end = cause;
        arrived.signalAll();
        lock.unlock();
    }

    /// What ended a stream, to be thrown by the thread that waited for it.
    static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        return cause instanceof IOException expected ? expected : new IOException(cause);
    }

    static long size(List<byte[]> frames) {
        long size = 0;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        return size;
    }
}
