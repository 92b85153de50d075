package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// A large message whose first frame is here, and whose others are still on their way: they can be passed on
/// through one small buffer, and the sender waits when whoever gets them does. By the thread that reads the
/// connection, which goes on with the next message when all bytes are taken.
public final class Incoming {
    private static final int BUFFER_BYTES = 1 << 17;

    private final Connection connection;
    private final FrameReader reader;
    private final Object body;
    private final long[] lengths;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    /// Written by the thread that reads.
    private volatile long left;
    private boolean ended;

    Incoming(Connection connection, FrameReader reader) throws BadMessageException {
        this.connection = connection;
        this.reader = reader;
        // Of a request or an answer, which is more than null.
        Object first = new MsgpackReader().whole(reader.parser().first());
        body = first == null ? "" : first;
        lengths = reader.parser().others();
        left = reader.parser().otherBytes();
    }

    /// The first frame, decoded; payloads are marker maps ([io.github.daskjvm.protocol.Markers]).
    public Object body() {
        return body;
    }

    /// Of the other frames, in bytes: the one with the number `i` in marker maps is at `i - 1`.
    public long[] lengths() {
        return lengths.clone();
    }

    /// Bytes of them that are still to come. Any thread.
    public long left() {
        return left;
    }

    /// Passes on the next bytes as they come.
    ///
    /// @param out null to drop them
    public void passTo(@Nullable OutputStream out, long bytes) throws IOException {
        if (bytes > left) {
            throw new IllegalArgumentException(bytes + " bytes of " + left);
        }
        long rest = bytes;
        while (rest > 0) {
            int n = take((int) Math.min(rest, buffer.length));
            rest -= n;
            left -= n;
            if (out != null) {
                out.write(buffer, 0, n);
            }
        }
        if (left == 0 && !ended) {
            ended = true;
            reader.parser().done();
        }
    }

    private int take(int length) throws IOException {
        try {
            return reader.take(buffer, 0, length);
        } catch (IOException e) {
            throw new IOException("no more comes from " + connection.peer() + ": " + e.getMessage(), e);
        }
    }

    /// Reads all of it, if nothing was passed on yet.
    ///
    /// @return the message as [Connection#read] has it
    public Object whole() throws IOException {
        if (ended || left != reader.parser().otherBytes()) {
            throw new IllegalStateException("part of the message was passed on");
        }
        Object message = connection.read();
        ended = true;
        left = 0;
        return message == null ? "" : message;
    }

    /// Takes what is left, and drops it.
    public void skip() throws IOException {
        passTo(null, left);
    }
}
