package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sending half of a stream: messages are encoded at once into the batch that is open, and a virtual thread
/// of the stream's own writes each batch as one array. While it writes, the next batch grows, so a slow peer
/// gets larger batches and never makes a sender wait; one that falls too far behind is cut off.
public final class BatchedStream implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BatchedStream.class);
    /// What may wait for a peer that does not read: payloads by reference, and messages, which fill one array.
    private static final long FRAMES_WAITING_MAX_BYTES = 4L << 30;

    private static final int BATCH_MAX_BYTES = 1 << 29;
    private static final int KEPT_BUFFER_MAX_BYTES = 1 << 20;

    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private MsgpackWriter batch = new MsgpackWriter(4096);
    private MsgpackWriter spare = new MsgpackWriter(4096);
    private int messages;
    private int lengthAt;
    private long pendingFrameBytes;
    private boolean flushed;
    private boolean closing;

    private final long intervalNanos;

    private BatchedStream(Connection connection, Duration interval) {
        this.connection = connection;
        this.intervalNanos = interval.toNanos();
        lengthAt = batch.openArray();
    }

    public static BatchedStream start(Connection connection) {
        return start(connection, Duration.ZERO);
    }

    /// @param interval at least so long from one batch to the next; a batch after a longer pause leaves at once
    public static BatchedStream start(Connection connection, Duration interval) {
        var stream = new BatchedStream(connection, interval);
        Thread.ofVirtual().name("send-" + connection.peer()).start(stream::run);
        return stream;
    }

    /// Adds one message to the open batch; it leaves at the next [#flush].
    ///
    /// @param encoder writes exactly one map
    public void add(Consumer<MsgpackWriter> encoder) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            int framesBefore = batch.frames().size();
            int sizeBefore = batch.size();
            try {
                encoder.accept(batch);
            } catch (RuntimeException e) {
                batch.truncate(sizeBefore, framesBefore);
                throw e;
            }
            messages++;
            for (int i = framesBefore; i < batch.frames().size(); i++) {
                pendingFrameBytes += batch.frames().get(i).length;
            }
            if (pendingFrameBytes > FRAMES_WAITING_MAX_BYTES || batch.size() > BATCH_MAX_BYTES) {
                log.warn(
                        "cutting off {}, which has not read {} bytes",
                        connection.peer(),
                        pendingFrameBytes + batch.size());
                closing = true;
                wake.signal();
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
                wake.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// One message, at once.
    public void send(Object message) {
        add(writer -> writer.value(message));
        flush();
    }

    private void run() {
        try {
            for (MsgpackWriter full = next(); full != null; full = next()) {
                connection.write(full);
                // The batch is the spare now, and this thread's until it takes the next: let its payloads go.
                if (full.size() > KEPT_BUFFER_MAX_BYTES) {
                    spare = new MsgpackWriter(4096);
                } else {
                    full.reset();
                }
            }
        } catch (IOException e) {
            log.debug("stream to {} ended: {}", connection.peer(), e.getMessage());
        } finally {
            lock.lock();
            closing = true;
            lock.unlock();
            connection.close();
        }
    }

    private @Nullable MsgpackWriter next() {
        lock.lock();
        try {
            while (!flushed) {
                if (closing) {
                    return null;
                }
                wake.awaitUninterruptibly();
            }
            MsgpackWriter full = batch;
            full.patchArrayHeader(lengthAt, messages);
            batch = spare;
            spare = full;
            lengthAt = batch.openArray();
            messages = 0;
            pendingFrameBytes = 0;
            flushed = false;
            return full;
        } finally {
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
                wake.signal();
            }
        } finally {
            lock.unlock();
        }
    }
}
