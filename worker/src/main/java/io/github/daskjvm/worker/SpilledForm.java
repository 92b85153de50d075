package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.StreamedMessage;
import io.github.daskjvm.worker.spill.SpillFile;
import io.github.daskjvm.worker.spill.SpillFolder;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A payload whose frames are in a file, one after the other, so that it can be sent without being in memory. Any
/// thread may call.
///
/// @param own whether this worker has written it of an object that it had, and not as it came from others
@SuppressWarnings("ArrayRecordComponent")
record SpilledForm(SpillFile file, Payload.Kind kind, byte[] header, long[] lengths, boolean own)
        implements StreamedMessage.Frames {
    private static final int COPY_BYTES = 1 << 16;
    /// What is larger is written as it is serialized: memory is short.
    private static final long WHOLE_MAX_BYTES = 1 << 20;

    static SpilledForm ofPayload(Payload payload, SpillFolder folder) throws IOException {
        return ofPayload(payload, folder, false);
    }

    private static SpilledForm ofPayload(Payload payload, SpillFolder folder, boolean own) throws IOException {
        SpillFile file = folder.write(out -> {
            for (byte[] frame : payload.frames()) {
                out.write(frame);
            }
        });
        long[] lengths =
                payload.frames().stream().mapToLong(frame -> frame.length).toArray();
        return new SpilledForm(file, payload.kind(), payload.header(), lengths, own);
    }

    /// @param sizeBytes about
    /// @throws NotSerializableException naming the class that does not implement `Serializable`
    static SpilledForm ofObject(@Nullable Object value, long sizeBytes, SpillFolder folder) throws IOException {
        if (sizeBytes <= WHOLE_MAX_BYTES || value instanceof byte[]) {
            return ofPayload(JavaCodec.payload(value), folder, true);
        }
        SpillFile file;
        try {
            file = folder.write(out -> JavaCodec.write(value, out));
        } catch (NotSerializableException e) {
            return ofPayload(JavaCodec.payload(value), folder, true);
        }
        long[] lengths = SerializedFrames.lengths(file.plainBytes());
        return new SpilledForm(file, Payload.Kind.SERIALIZED, JavaCodec.header(lengths.length), lengths, true);
    }

    /// Without frames.
    Payload head() {
        return new Payload(kind, header, List.of());
    }

    @Nullable
    Object value(ClassLoader loader) throws IOException {
        return file.deserialize(() -> read(loader));
    }

    private @Nullable Object read(ClassLoader loader) throws IOException {
        if (!JavaCodec.isStream(head())) {
            return JavaCodec.value(payload(), loader);
        }
        try (InputStream in = file.open()) {
            return own
                    ? JavaCodec.readOwn(in, file.plainBytes(), loader)
                    : JavaCodec.read(in, file.plainBytes(), loader);
        }
    }

    /// The whole of it, in memory.
    Payload payload() throws IOException {
        var frames = new ArrayList<byte[]>(lengths.length);
        try (InputStream in = file.open()) {
            for (long length : lengths) {
                byte[] frame = in.readNBytes((int) length);
                if (frame.length < length) {
                    throw new IOException("a spilled value's file is cut off");
                }
                frames.add(frame);
            }
        }
        return new Payload(kind, header, frames);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        byte[] piece = new byte[COPY_BYTES];
        try (InputStream in = file.open()) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                out.write(piece, 0, n);
            }
        }
    }
}
