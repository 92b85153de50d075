package io.github.daskjvm.protocol;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message whose large values are made, or read from somewhere, while it is written: only their lengths have to be
/// known before. Its order is that of a [MsgpackWriter]'s. Not thread-safe.
public final class StreamedMessage {
    private static final int BUFFER_BYTES = 1 << 16;

    private final MsgpackWriter body = new MsgpackWriter(512);
    /// Whole frames, and [Frames].
    private final List<Object> parts = new ArrayList<>();
    private int frameCount;

    /// The frames of one payload, without its header.
    public interface Frames {
        /// In bytes, one for each frame.
        long[] lengths();

        /// Writes the frames' bytes one after the other: as many as [#lengths] said.
        void writeTo(OutputStream out) throws IOException;
    }

    /// A part has another length than it said.
    public static final class WrongLengthException extends IOException {
        WrongLengthException(String message) {
            super(message);
        }
    }

    /// For everything but payloads.
    public MsgpackWriter body() {
        return body;
    }

    /// The marker map of a payload; its frames are written with the message.
    ///
    /// @param header as [Payload#header]
    public void payload(Payload.Kind kind, byte[] header, Frames frames) {
        marker(kind);
        parts.add(header);
        parts.add(frames);
        frameCount += 1 + frames.lengths().length;
    }

    /// As above, for one that is there as a whole.
    public void payload(Payload payload) {
        marker(payload.kind());
        parts.add(payload.header());
        parts.addAll(payload.frames());
        frameCount += 1 + payload.frames().size();
    }

    /// Any value as [MsgpackWriter#value] takes it; the frames of one that is a payload are written with the message.
    public void value(@Nullable Object value) {
        if (value instanceof Payload payload) {
            payload(payload);
        } else {
            body.value(value);
            if (body.frameCount() > 0) {
                throw new IllegalArgumentException("a payload inside another value");
            }
        }
    }

    /// Frames as they stand in another message, headers of payloads included. The caller writes the marker maps.
    ///
    /// @return what to add to the numbers in that message's marker maps, if these are all its frames but the first
    public int frames(Frames frames) {
        int before = frameCount;
        parts.add(frames);
        frameCount += frames.lengths().length;
        return before;
    }

    private void marker(Payload.Kind kind) {
        body.mapHeader(1);
        body.string(kind.marker);
        body.int64(frameCount + 1L);
    }

    /// Writes everything that stands before the parts. Whoever calls writes those.
    public void writeHead(OutputStream out) throws IOException {
        out.write(head());
        out.write(body.buffer(), 0, body.size());
    }

    /// Does not flush.
    ///
    /// @throws WrongLengthException if a part did not keep to its lengths; what follows is worth nothing then
    void writeTo(OutputStream out) throws IOException {
        // Small frames go together, a large one by itself.
        var buffered = new BufferedOutputStream(out, BUFFER_BYTES);
        writeHead(buffered);
        for (Object part : parts) {
            if (part instanceof byte[] frame) {
                buffered.write(frame);
            } else if (part instanceof Frames frames) {
                write(frames, buffered);
            }
        }
        buffered.flush();
    }

    private byte[] head() {
        long total = 8L * (2 + frameCount) + body.size();
        ByteBuffer head = ByteBuffer.allocate(Math.addExact(24, 8 * frameCount)).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(0).putLong(1L + frameCount).putLong(body.size());
        for (Object part : parts) {
            if (part instanceof byte[] frame) {
                head.putLong(frame.length);
                total += frame.length;
            } else if (part instanceof Frames frames) {
                for (long length : frames.lengths()) {
                    head.putLong(length);
                    total += length;
                }
            }
        }
        return head.putLong(0, total).array();
    }

    private static void write(Frames frames, OutputStream out) throws IOException {
        long promised = 0;
        for (long length : frames.lengths()) {
            promised += length;
        }
        var exact = new Exact(out, promised);
        frames.writeTo(exact);
        if (exact.left != 0) {
            throw new WrongLengthException(
                    "a value of " + promised + " bytes was " + exact.left + " shorter when written");
        }
    }

    /// Lets through what was promised, and no more.
    private static final class Exact extends OutputStream {
        private final OutputStream out;
        private long left;

        Exact(OutputStream out, long bytes) {
            this.out = out;
            this.left = bytes;
        }

        @Override
        public void write(int b) throws IOException {
            take(1);
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            take(length);
            out.write(bytes, from, length);
        }

        private void take(int length) throws IOException {
            if (length > left) {
                throw new WrongLengthException("a value was longer when written than it was before");
            }
            left -= length;
        }
    }
}
