package io.github.daskjvm.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A message whose large values are made, or read from somewhere, while it is written: only their lengths have to be
/// known before. Its order is that of a [MsgpackWriter]'s. Not thread-safe.
public final class StreamedMessage {
    private final MsgpackWriter body = new MsgpackWriter(512);
    private final List<Frames> parts = new ArrayList<>();
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
        body.mapHeader(1);
        body.string(kind.marker);
        body.int64(frameCount + 1L);
        parts.add(new Arrays(List.of(header)));
        parts.add(frames);
        frameCount += 1 + frames.lengths().length;
    }

    /// As above, for one that is there as a whole.
    public void payload(Payload payload) {
        payload(payload.kind(), payload.header(), new Arrays(payload.frames()));
    }

    /// Does not flush.
    ///
    /// @throws WrongLengthException if a part did not keep to its lengths; what follows is worth nothing then
    void writeTo(OutputStream out) throws IOException {
        long total = 8L * (2 + frameCount) + body.size();
        ByteBuffer head = ByteBuffer.allocate(Math.addExact(24, 8 * frameCount)).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(0).putLong(1L + frameCount).putLong(body.size());
        for (Frames part : parts) {
            for (long length : part.lengths()) {
                head.putLong(length);
                total += length;
            }
        }
        head.putLong(0, total);
        out.write(head.array());
        out.write(body.buffer(), 0, body.size());
        for (Frames part : parts) {
            long promised = 0;
            for (long length : part.lengths()) {
                promised += length;
            }
            var exact = new Exact(out, promised);
            part.writeTo(exact);
            if (exact.left != 0) {
                throw new WrongLengthException(
                        "a value of " + promised + " bytes was " + exact.left + " shorter when written");
            }
        }
    }

    private record Arrays(List<byte[]> frames) implements Frames {
        @Override
        public long[] lengths() {
            return frames.stream().mapToLong(frame -> frame.length).toArray();
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            for (byte[] frame : frames) {
                out.write(frame);
            }
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
