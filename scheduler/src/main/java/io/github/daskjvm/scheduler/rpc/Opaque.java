package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The little that is looked at in values that are otherwise passed on.
final class Opaque {
    private Opaque() {}

    /// The byte string that a value is: as it stands, or serialised by Dask's own family for `bytes`; null if it is
    /// something else.
    static byte @Nullable [] bytes(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (!(value instanceof Payload payload)) {
            return null;
        }
        try {
            if (!(new MsgpackReader().whole(payload.header()) instanceof Map<?, ?> header)
                    || !"bytes".equals(header.get("type"))) {
                return null;
            }
        } catch (BadMessageException e) {
            return null;
        }
        var joined = new ByteArrayOutputStream();
        payload.frames().forEach(joined::writeBytes);
        return joined.toByteArray();
    }
}
