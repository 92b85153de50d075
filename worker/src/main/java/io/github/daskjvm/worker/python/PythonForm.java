package io.github.daskjvm.worker.python;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// A value in the form that Python's Dask reads. Arrays become bytes only while they are sent; large byte
/// strings and what is bytes already are the frames, or parts of them, by reference.
public final class PythonForm implements StreamedMessage.Frames {
    private final Map<String, ?> entries;
    private final List<Frame> frames;

    /// What follows one another in a frame: `byte[]`, or other Java arrays of numbers and truth values.
    record Frame(List<?> parts) {
        Frame(Object part) {
            this(List.of(part));
        }

        long bytes() {
            long sum = 0;
            for (Object part : parts) {
                sum += (long) Array.getLength(part) * elementBytes(part);
            }
            return sum;
        }

        void writeTo(OutputStream out) throws IOException {
            for (Object part : parts) {
                ArrayBytes.writeTo(out, part, elementBytes(part));
            }
        }

        byte[] whole() throws ConversionException {
            if (parts.size() == 1) {
                return ArrayBytes.write(parts.getFirst(), elementBytes(parts.getFirst()));
            }
            var out = new ByteArrayOutputStream(Math.toIntExact(bytes()));
            for (Object part : parts) {
                out.writeBytes(ArrayBytes.write(part, elementBytes(part)));
            }
            return out.toByteArray();
        }
    }

    PythonForm(Map<String, ?> entries, List<Frame> frames) {
        this.entries = entries;
        this.frames = frames;
    }

    private static int elementBytes(Object values) {
        return switch (values) {
            case byte[] v -> 1;
            case boolean[] v -> 1;
            case short[] v -> Short.BYTES;
            case int[] v -> Integer.BYTES;
            case float[] v -> Float.BYTES;
            default -> Long.BYTES;
        };
    }

    /// As [Payload#header].
    public byte[] header() {
        return Payload.serialized(entries, Collections.nCopies(frames.size(), new byte[0]))
                .header();
    }

    @Override
    public long[] lengths() {
        return frames.stream().mapToLong(Frame::bytes).toArray();
    }

    /// Without the header.
    public long sizeBytes() {
        return Arrays.stream(lengths()).sum();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        for (Frame frame : frames) {
            frame.writeTo(out);
        }
    }

    /// The same, made at once.
    ///
    /// @throws ConversionException if an array is of more than 2 GiB
    public Payload payload() throws ConversionException {
        List<byte[]> whole = new ArrayList<>();
        for (Frame frame : frames) {
            whole.add(frame.whole());
        }
        return Payload.serialized(entries, whole);
    }
}
