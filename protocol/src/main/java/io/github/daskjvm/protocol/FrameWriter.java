package io.github.daskjvm.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes whole messages to a stream: the lengths, the msgpack part and small frames in one write, large frames
/// by reference. Not thread-safe.
public final class FrameWriter {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int COPIED_FRAME_MAX_BYTES = 1 << 14;

    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];
    private int size;

    public FrameWriter(OutputStream out) {
        this.out = out;
    }

    /// Writes what `message` holds as one message and flushes.
    public void write(MsgpackWriter message) throws IOException {
        List<byte[]> frames = message.frames();
        int count = 1 + frames.size();
        long total = 8L * (1 + count) + message.size();
        for (byte[] frame : frames) {
            total += frame.length;
        }
        u64(total);
        u64(count);
        u64(message.size());
        for (byte[] frame : frames) {
            u64(frame.length);
        }
        bytes(message.buffer(), message.size());
        for (byte[] frame : frames) {
            bytes(frame, frame.length);
        }
        flush();
        out.flush();
    }

    /// One value as one message; see [MsgpackWriter#value].
    public void write(@Nullable Object value) throws IOException {
        var message = new MsgpackWriter(256);
        message.value(value);
        write(message);
    }

    private void u64(long value) throws IOException {
        if (buffer.length - size < 8) {
            flush();
        }
        LONG.set(buffer, size, value);
        size += 8;
    }

    private void bytes(byte[] data, int length) throws IOException {
        if (length > COPIED_FRAME_MAX_BYTES) {
            flush();
            out.write(data, 0, length);
            return;
        }
        if (buffer.length - size < length) {
            flush();
        }
        System.arraycopy(data, 0, buffer, size, length);
        size += length;
    }

    private void flush() throws IOException {
        out.write(buffer, 0, size);
        size = 0;
    }
}
