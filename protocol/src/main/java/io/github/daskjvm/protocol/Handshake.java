package io.github.daskjvm.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The greeting after a connection opens: both sides write one map and then read one, without waiting for each
/// other. We offer no compression, so whatever a peer serialises for us arrives plain, and pickle protocol 4,
/// as Python's scheduler does.
public final class Handshake {
    public static final int PICKLE_PROTOCOL = 4;

    private Handshake() {}

    /// Writes our greeting, reads theirs.
    ///
    /// @throws BadMessageException if the peer's first message is not a greeting with `pickle-protocol`
    public static void exchange(FrameReader reader, FrameWriter writer) throws IOException {
        writer.write(greeting());
        readGreeting(reader);
    }

    /// Reads their greeting, then writes ours: for the side that was called, so that a caller who speaks something
    /// else is told so in its own language. A Dask peer does not wait for us before it writes.
    ///
    /// @throws BadMessageException if the peer's first message is not a greeting with `pickle-protocol`
    public static void answer(FrameReader reader, FrameWriter writer) throws IOException {
        readGreeting(reader);
        writer.write(greeting());
    }

    private static Map<String, @Nullable Object> greeting() {
        Map<String, @Nullable Object> ours = new LinkedHashMap<>();
        ours.put("compression", null);
        ours.put("python", List.of(3, 12, 0));
        ours.put("pickle-protocol", PICKLE_PROTOCOL);
        return ours;
    }

    private static void readGreeting(FrameReader reader) throws IOException {
        List<byte[]> frames = reader.read();
        if (frames == null) {
            throw new EOFException("the peer closed before its greeting");
        }
        Object theirs = new MsgpackReader().message(frames);
        if (!(theirs instanceof Map<?, ?> map) || !(map.get("pickle-protocol") instanceof Long)) {
            throw new BadMessageException("the first message of a connection must be a map with pickle-protocol;"
                    + " this peer is no Dask of 2.30 or later");
        }
    }
}
