package io.github.daskjvm.protocol;

import io.github.daskjvm.pickle.PickleWriter;
import java.util.List;

/// A [Payload] of one frame that is kept in parts, since others have some of them, too: ten thousand tasks of a
/// map have one function. It is written as the payload.
///
/// @param header of a `__Pickled__` payload with one sub-frame
/// @param parts what the frame consists of, one after the other
@SuppressWarnings("ArrayRecordComponent")
public record PartedPayload(byte[] header, List<byte[]> parts) {
    /// With the frame as one array, a new one.
    public Payload payload() {
        return new Payload(Payload.Kind.PICKLED, header, List.of(PickleWriter.Series.joined(parts)));
    }
}
