package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.StreamedMessage;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// A value that is serialized while it is sent, so that it is not there twice. That is done once before, to nowhere,
/// since its length goes first.
@SuppressWarnings("ArrayRecordComponent")
record SerializedFrames(@Nullable Object value, long[] lengths) implements StreamedMessage.Frames {
    /// As Dask cuts them.
    private static final long FRAME_MAX_BYTES = 64 << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    /// @throws IOException if the object does not serialize
    static SerializedFrames of(@Nullable Object value) throws IOException {
        var counter = new ByteCounter();
        JavaCodec.write(value, counter);
        return new SerializedFrames(value, lengths(counter.bytes()));
    }

    /// At least one frame.
    static long[] lengths(long bytes) {
        int count = (int) Math.max(1, (bytes + FRAME_MAX_BYTES - 1) / FRAME_MAX_BYTES);
        long[] lengths = new long[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = Math.min(FRAME_MAX_BYTES, bytes - i * FRAME_MAX_BYTES);
        }
        return lengths;
    }

    byte[] header() {
        return JavaCodec.header(lengths.length);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        var buffered = new BufferedOutputStream(out, BUFFER_BYTES);
        JavaCodec.write(value, buffered);
        buffered.flush();
    }
}
