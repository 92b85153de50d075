package io.github.daskjvm.protocol;

import java.util.List;

/// A value of the user's that nobody here looks into: a msgpack header and the frames it announces, held by
/// reference and forwarded unchanged. Decoding a message puts a `Payload` where the body had
/// `{"__Serialized__": i}` or `{"__Pickled__": i}`; encoding renumbers `i`.
///
/// @param kind which of the two markers it travels under
/// @param header the msgpack map that stood in frame `i`, as received
/// @param frames the `num-sub-frames` frames that followed it
public record Payload(Kind kind, byte[] header, List<byte[]> frames) {

    /// The marker under which a payload travels. A Python receiver unpickles `PICKLED` at once, wherever it
    /// stands, and opens `SERIALIZED` only where a value is wanted.
    public enum Kind {
        SERIALIZED("__Serialized__"),
        PICKLED("__Pickled__");

        final String marker;

        Kind(String marker) {
            this.marker = marker;
        }
    }

    /// One complete pickle as a `__Pickled__` value, without out-of-band buffers.
    public static Payload pickled(byte[] pickle) {
        return pickled(pickle, 0, pickle.length);
    }

    /// As [#pickled(byte[])], for a pickle that stands inside a larger array, which is not kept.
    public static Payload pickled(byte[] data, int from, int length) {
        int binHeader = length <= 0xff ? 2 : length <= 0xffff ? 3 : 5;
        byte[] header = new byte[PICKLED_HEAD.length + binHeader + length + PICKLED_TAIL.length];
        System.arraycopy(PICKLED_HEAD, 0, header, 0, PICKLED_HEAD.length);
        int at = PICKLED_HEAD.length;
        header[at++] = (byte) (binHeader == 2 ? 0xc4 : binHeader == 3 ? 0xc5 : 0xc6);
        for (int shift = binHeader == 2 ? 0 : binHeader == 3 ? 8 : 24; shift >= 0; shift -= 8) {
            header[at++] = (byte) (length >>> shift);
        }
        System.arraycopy(data, from, header, at, length);
        System.arraycopy(PICKLED_TAIL, 0, header, at + length, PICKLED_TAIL.length);
        return new Payload(Kind.PICKLED, header, List.of());
    }

    private static final byte[] PICKLED_HEAD = pickledPart(true);
    private static final byte[] PICKLED_TAIL = pickledPart(false);

    /// What stands before and after the pickle in every header that [#pickled] makes.
    private static byte[] pickledPart(boolean head) {
        var writer = new MsgpackWriter(48);
        if (head) {
            writer.mapHeader(3);
            writer.string("pickled-obj");
        } else {
            writer.string("num-sub-frames");
            writer.int64(0);
            writer.string("compression");
            writer.arrayHeader(0);
        }
        return writer.toByteArray();
    }

    /// Frames with a header map of the caller's; `num-sub-frames` and `compression` (none) are added.
    ///
    /// @param entries further header entries, such as `serializer`; see [MsgpackWriter#value] for the types
    public static Payload serialized(java.util.Map<String, ?> entries, List<byte[]> frames) {
        var writer = new MsgpackWriter(128);
        writer.mapHeader(entries.size() + 2);
        for (var entry : entries.entrySet()) {
            writer.string(entry.getKey());
            writer.value(entry.getValue());
        }
        writer.string("num-sub-frames");
        writer.int64(frames.size());
        writer.string("compression");
        writer.arrayHeader(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            writer.nil();
        }
        return new Payload(Kind.SERIALIZED, writer.toByteArray(), List.copyOf(frames));
    }

    /// Bytes held by this payload, header included.
    public long sizeBytes() {
        long size = header.length;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        return size;
    }
}
