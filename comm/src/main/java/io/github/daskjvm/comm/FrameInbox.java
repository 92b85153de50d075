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
    private static final long WAITING_MAX_BYTES = 64L << 20;

    private final SelectedStream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<List<byte[]>> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean opened;
    private boolean paused;
    private @Nullable Throwable end;

    FrameInbox(SelectedStream stream) {
        this.stream = stream;
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

    void add(List<byte[]> frames) {
        boolean pause;
        lock.lock();
        try {
            waiting.add(frames);
            bytes += size(frames);
            pause = !paused && bytes > WAITING_MAX_BYTES;
            paused |= pause;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        if (pause) {
            stream.pause(true);
        }
    }

    /// Waits for the next message.
    ///
    /// @throws IOException after the last, what ended the stream
    List<byte[]> take() throws IOException {
        List<byte[]> frames;
        boolean resume;
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (end != null) {
                    throw rethrown(end);
                }
                arrived.awaitUninterruptibly();
            }
            frames = waiting.removeFirst();
            bytes -= size(frames);
            resume = paused && bytes < WAITING_MAX_BYTES / 2;
            paused &= !resume;
        } finally {
            lock.unlock();
        }
        if (resume) {
            stream.pause(false);
        }
        return frames;
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

    private static long size(List<byte[]> frames) {
        long size = 0;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        return size;
    }
}
