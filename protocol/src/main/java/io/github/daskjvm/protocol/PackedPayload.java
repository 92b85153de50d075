package io.github.daskjvm.protocol;

import io.github.daskjvm.pickle.PackedPickle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [Payload] of one frame, a pickle that is kept as a [PackedPickle]: ten thousand tasks of a map are alike. It is
/// written as the payload. 24 bytes and `packed`, as the pickle is not an object of its own.
///
/// @param header of a `__Pickled__` payload with one sub-frame
/// @param packed as the pickle has it, as is `like`
@SuppressWarnings("ArrayRecordComponent")
public record PackedPayload(byte[] header, byte[] packed, byte @Nullable [] like) {
    public PackedPayload(byte[] header, PackedPickle pickle) {
        this(header, pickle.packed(), pickle.like());
    }

    /// With the frame as one array.
    public Payload payload() {
        return new Payload(Payload.Kind.PICKLED, header, List.of(new PackedPickle(packed, like).bytes()));
    }
}
