package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.MsgpackWriter;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sending half of a stream: messages are encoded at once into the batch that is open, and each batch is
/// written as one array by whoever is in charge of writing. While it is written, the next batch grows, so a slow
/// peer gets larger batches and never makes a sender wait; one that falls too far behind is cut off. Any thread
/// may call.
public abstract sealed class BatchedStream implements AutoCloseable permits ThreadedStream, SelectedStream {
    private static final Logger log = LoggerFactory.getLogger(BatchedStream.class);
    /// What may wait for a peer that does not read: payloads by reference, and messages, which fill one array.
    private static final long FRAMES_WAITING_MAX_BYTES = 4L << 30;

    private static final int BATCH_MAX_BYTES = 1 << 29;
    private static final int KEPT_BUFFER_MAX_BYTES = 1 << 20;

    final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private MsgpackWriter batch = new MsgpackWriter(4096);
    private @Nullable MsgpackWriter spare;
    private int messages;
    private int lengthAt;
    private boolean flushed;
    private boolean closing;

    BatchedStream(Connection connection) {
        this.connection = connection;
        lengthAt = batch.openArray();
    }

    /// A stream whose batches are written by a virtual thread of its own: nobody waits for the peer.
    public static BatchedStream start(Connection connection) {
        return new ThreadedStream(connection, false);
    }

    /// As [#start], but small batches that follow a pause are written by who flushes them, and waits then if
    /// the peer does not read. For those who have one peer.
    public static BatchedStream startForOne(Connection connection) {
        return new ThreadedStream(connection, true);
    }

    /// There is a batch to write, or the end. Called with the lock held, at most once until [#next].
    abstract void wakeWriter();

    /// Adds one message to the open batch; it leaves at the next [#flush].
    ///
    /// @param encoder writes exactly one map
    public void add(Consumer<MsgpackWriter> encoder) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            int framesBefore = batch.frameCount();
            int sizeBefore = batch.size();
            try {
                encoder.accept(batch);
            } catch (RuntimeException e) {
                batch.truncate(sizeBefore, framesBefore);
                throw e;
            }
            messages++;
            if (batch.frameBytes() > FRAMES_WAITING_MAX_BYTES || batch.size() > BATCH_MAX_BYTES) {
                log.warn(
                        "cutting off {}, which has not read {} bytes",
                        connection.peer(),
                        batch.frameBytes() + batch.size());
                closing = true;
                signal();
                connection.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends what was added.
    public void flush() {
        lock.lock();
        try {
            if (messages > 0 && !flushed) {
                flushed = true;
                signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends what was added with the next [#flush], or in a few milliseconds if there is none. By the thread that
    /// writes the stream, if there is one for several.
    public void flushSoon() {
        flush();
    }

    /// One message, at once.
    public void send(Object message) {
        add(writer -> writer.value(message));
        flush();
    }

    private void signal() {
        wake.signal();
        wakeWriter();
    }

    /// Whether no more is to be sent than what was added already.
    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /// Takes no more messages.
    void end() {
        lock.lock();
        closing = true;
        wake.signal();
        lock.unlock();
    }

    /// Waits for a batch that was flushed; false when there will be none.
    boolean await() {
        lock.lock();
        try {
            while (!flushed) {
                if (closing) {
                    return false;
                }
                wake.awaitUninterruptibly();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// The open batch, to be written at once, as [#next] gives it; null if it is empty, large, or flushed
    /// already, or if the stream is about to end.
    @Nullable
    MsgpackWriter takeIfSmall(int maxBytes) {
        lock.lock();
        try {
            if (messages == 0 || flushed || closing || batch.size() + batch.frameBytes() > maxBytes) {
                return null;
            }
            flushed = true;
            return next();
        } finally {
            lock.unlock();
        }
    }

    /// The batch that was flushed, null if none was. The writer gives it back by [#written].
    @Nullable
    MsgpackWriter next() {
        lock.lock();
        try {
            if (!flushed) {
                return null;
            }
            MsgpackWriter full = batch;
            full.patchArrayHeader(lengthAt, messages);
            batch = spare == null ? new MsgpackWriter(4096) : spare;
            spare = null;
            lengthAt = batch.openArray();
            messages = 0;
            flushed = false;
            return full;
        } finally {
            lock.unlock();
        }
    }

    /// The batch has been written and may be used again.
    void written(MsgpackWriter full) {
        if (full.size() <= KEPT_BUFFER_MAX_BYTES) {
            full.reset();
            lock.lock();
            spare = full;
            lock.unlock();
        }
    }

    /// Sends what was added, then closes the connection. Does not wait for it.
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                flushed = messages > 0;
                signal();
            }
        } finally {
            lock.unlock();
        }
    }
}
