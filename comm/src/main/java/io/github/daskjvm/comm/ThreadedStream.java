package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream whose batches are written by a virtual thread of its own.
final class ThreadedStream extends BatchedStream {
    private static final Logger log = LoggerFactory.getLogger(ThreadedStream.class);

    ThreadedStream(Connection connection) {
        super(connection);
        Thread.ofVirtual().name("send-" + connection.peer()).start(this::run);
    }

    @Override
    void wakeWriter() {
        // The thread waits in await().
    }

    private void run() {
        try {
            for (MsgpackWriter full = await(); full != null; full = await()) {
                connection.write(full);
                written(full);
            }
        } catch (IOException e) {
            log.debug("stream to {} ended: {}", connection.peer(), e.getMessage());
        } finally {
            end();
            connection.close();
        }
    }
}
