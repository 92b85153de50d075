package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.pickle.PackedPickle;
import io.github.daskjvm.protocol.AsPayload;
import io.github.daskjvm.protocol.Payload;
import org.jspecify.annotations.Nullable;

/// The pickle of a task that a Python worker has made, kept as a [PackedPickle]. 16 bytes and `packed`.
///
/// @param packed as the pickle has it, as is `like`
@SuppressWarnings("ArrayRecordComponent")
record PackedTask(byte[] packed, byte @Nullable [] like) implements AsPayload {
    PackedTask(PackedPickle pickle) {
        this(pickle.packed(), pickle.like());
    }

    @Override
    public Payload payload() {
        return Payload.pickled(new PackedPickle(packed, like).bytes());
    }
}
