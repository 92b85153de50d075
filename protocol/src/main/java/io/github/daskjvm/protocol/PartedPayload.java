package io.github.daskjvm.protocol;

import java.util.List;

/// A [Payload] of one frame that is kept in parts, since others have some of them, too: ten thousand tasks of a map
/// have
/// one function. It is written as the payload.
///
/// @param header of a `__Pickled__` payload with one sub-frame
/// @param parts what the frame consists of, one after the other
@SuppressWarnings("ArrayRecordComponent")
public record PartedPayload(byte[] header, List<byte[]> parts) {
    /// With the frame as one array, a new one.
    public Payload payload() {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] frame = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, frame, at, part.length);
            at += part.length;
        }
        return new Payload(Payload.Kind.PICKLED, header, List.of(frame));
    }
}
