package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream whose batches are written by a virtual thread of its own. Where the caller may wait, a small one
/// that follows a pause is written by who flushes it, since to wake the thread takes longer than the write.
final class ThreadedStream extends BatchedStream {
    private static final Logger log = LoggerFactory.getLogger(ThreadedStream.class);
    /// What the socket takes at once unless the peer does not read.
    private static final int SMALL_BYTES = 1 << 13;
    /// In which more may have gathered.
    private static final long PAUSE_NANOS = 50_000;

    private final boolean callerWrites;
    /// Held by who takes a batch and writes it, so that batches keep their order.
    private final ReentrantLock writing = new ReentrantLock();
    private long writtenNanos = System.nanoTime() - PAUSE_NANOS;

    ThreadedStream(Connection connection, boolean callerWrites) {
        super(connection);
        this.callerWrites = callerWrites;
        Thread.ofVirtual().name("send-" + connection.peer()).start(this::run);
    }

    @Override
    void wakeWriter() {
        // The thread waits in await().
    }

    @Override
    public void flush() {
        if (!callerWrites || !writing.tryLock()) {
            super.flush();
            return;
        }
        try {
            MsgpackWriter small = System.nanoTime() - writtenNanos >= PAUSE_NANOS ? takeIfSmall(SMALL_BYTES) : null;
            if (small == null) {
                super.flush();
            } else {
                write(small);
            }
        } catch (IOException e) {
            failed(e);
        } finally {
            writing.unlock();
        }
    }

    private void run() {
        try {
            while (await()) {
                writing.lock();
                try {
                    MsgpackWriter full = next();
                    if (full != null) {
                        write(full);
                    }
                } finally {
                    writing.unlock();
                }
            }
            end();
            connection.close();
        } catch (IOException e) {
            failed(e);
        }
    }

    private void write(MsgpackWriter full) throws IOException {
        connection.write(full);
        written(full);
        writtenNanos = System.nanoTime();
    }

    private void failed(IOException e) {
        log.debug("stream to {} ended: {}", connection.peer(), e.getMessage());
        end();
        connection.close();
    }
}
