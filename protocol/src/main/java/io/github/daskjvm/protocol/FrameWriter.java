package io.github.daskjvm.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whole messages as bytes: the lengths, the msgpack part and small frames together, large frames by reference.
/// Not thread-safe.
public final class FrameWriter {
    static final int COPIED_MAX_BYTES = 1 << 14;
    private static final int CHUNK_BYTES = 1 << 16;

    private final OutputStream out;

    public FrameWriter(OutputStream out) {
        this.out = out;
    }

    /// Writes what `message` holds as one message and flushes.
    public void write(MsgpackWriter message) throws IOException {
        for (ByteBuffer chunk : chunks(message)) {
            out.write(chunk.array(), chunk.position(), chunk.remaining());
        }
        out.flush();
    }

    /// One value as one message; see [MsgpackWriter#value].
    public void write(@Nullable Object value) throws IOException {
        var message = new MsgpackWriter(256);
        message.value(value);
        write(message);
    }

    /// Writes the message, large values as they are made, and flushes.
    public void write(StreamedMessage message) throws IOException {
        message.writeTo(out);
        out.flush();
    }

    /// What `message` holds as one message, to be written in this order. Parts of it may still be the message's own:
    /// it must not change before they are written.
    public static List<ByteBuffer> chunks(MsgpackWriter message) {
        int frames = message.frameCount();
        long total = 8L * (2 + frames) + message.size() + message.frameBytes();
        var chunks = new Chunks(total + 8);
        chunks.u64(total);
        chunks.u64(1L + frames);
        chunks.u64(message.size());
        for (int i = 0; i < frames; i++) {
            chunks.u64(message.frameLength(i));
        }
        chunks.bytes(message.buffer(), message.size());
        for (int i = 0; i < frames; i++) {
            byte[] frame = MsgpackWriter.whole(message.frame(i));
            chunks.bytes(frame, frame.length);
        }
        return chunks.finished();
    }

    private static final class Chunks {
        private static final ByteBuffer NONE = ByteBuffer.allocate(0);

        private final List<ByteBuffer> whole = new ArrayList<>(1);
        private long left;
        private ByteBuffer open = NONE;

        Chunks(long bytes) {
            left = bytes;
        }

        void u64(long value) {
            room(8).putLong(value);
            left -= 8;
        }

        void bytes(byte[] data, int length) {
            if (length > COPIED_MAX_BYTES) {
                closeOpen();
                whole.add(ByteBuffer.wrap(data, 0, length));
                left -= length;
            } else {
                room(length).put(data, 0, length);
                left -= length;
            }
        }

        private ByteBuffer room(int bytes) {
            if (open.remaining() < bytes) {
                closeOpen();
                open = ByteBuffer.allocate((int) Math.min(left, CHUNK_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            }
            return open;
        }

        private void closeOpen() {
            if (open.position() > 0) {
                whole.add(open.flip());
            }
            open = NONE;
        }

        List<ByteBuffer> finished() {
            closeOpen();
            return whole;
        }
    }
}
