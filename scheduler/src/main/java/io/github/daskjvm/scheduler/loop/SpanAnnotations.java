package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.Pickle;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The annotations of a task that belongs to another span than it was annotated with: whatever it submits itself is to
/// belong there too. Dask's scheduler changes one entry of a dictionary; here the dictionary is a pickle of the user's,
/// which gets one entry more without being read.
final class SpanAnnotations {
    private static final String SPAN = "span";
    private static final int PROTOCOL_BYTES = 2;

    private SpanAnnotations() {}

    /// @param others the other annotations, pickled or plain; null for none
    /// @return what to send as `annotations`
    static Object with(SpanPath path, @Nullable Object others) throws BadMessageException {
        return switch (others) {
            case null -> Map.of(SPAN, Map.of("name", path.name(), "ids", path.ids()));
            case Map<?, ?> plain -> {
                Map<Object, @Nullable Object> more = new LinkedHashMap<>(plain);
                more.put(SPAN, Map.of("name", path.name(), "ids", path.ids()));
                yield more;
            }
            case Payload payload -> pickled(path, payload);
            default -> others;
        };
    }

    /// The opcodes up to the end leave the dictionary on the stack; key, value and SETITEM put the entry into it.
    private static Payload pickled(SpanPath path, Payload payload) throws BadMessageException {
        if (payload.kind() != Payload.Kind.PICKLED
                || !payload.frames().isEmpty()
                || !(PayloadFrames.header(payload).get("pickled-obj") instanceof byte[] pickle)
                || pickle.length <= PROTOCOL_BYTES
                || pickle[pickle.length - 1] != '.') {
            return payload;
        }
        byte[] key = Pickle.of(SPAN);
        byte[] value = Pickle.of(Map.of(
                "name",
                Pickle.tuple(path.name().toArray()),
                "ids",
                Pickle.tuple(path.ids().toArray())));
        int more = key.length + value.length - 2 * (PROTOCOL_BYTES + 1);
        byte[] whole = Arrays.copyOf(pickle, pickle.length - 1 + more + 2);
        int at = pickle.length - 1;
        for (byte[] part : new byte[][] {key, value}) {
            int length = part.length - PROTOCOL_BYTES - 1;
            System.arraycopy(part, PROTOCOL_BYTES, whole, at, length);
            at += length;
        }
        whole[at++] = 's';
        whole[at] = '.';
        return Payload.pickled(whole);
    }
}
