package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.ByteKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.scheduler.graph.GraphRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What clients send with their graphs for people to read: source code, what their collections are, annotations. Most
/// of it comes again and again, so each is kept once, and the core has numbers for them. Keeps the last thousand and
/// 32 MB; a number whose value is gone means nothing any more. Any thread may call.
public final class Snippets {
    static final int COUNT_MAX = 1_000;
    private static final long BYTES_MAX = 32L << 20;
    private static final int SNIPPET_BYTES_MAX = 1 << 20;

    /// @param number 0 for what says nothing
    private record Snippet(long number, @Nullable Object value) {}

    private final LinkedHashMap<ByteKey, Snippet> byContent = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<Long, Object> byNumber = new HashMap<>();
    private long last;
    private long bytes;

    /// What the graph's client says about it.
    public Event.Origin origin(GraphRequest request) {
        Long code = note(request.code());
        Long metadata = note(request.spanMetadata());
        Long annotations = note(request.annotations());
        return code == null && metadata == null && annotations == null
                ? Event.Origin.NONE
                : new Event.Origin(code, metadata, annotations);
    }

    /// The number of a pickled value; null if it says nothing, or is not to be kept.
    @Nullable
    Long note(@Nullable Object value) {
        if (!(value instanceof Payload payload)
                || !payload.frames().isEmpty()
                || payload.header().length > SNIPPET_BYTES_MAX) {
            return null;
        }
        var key = new ByteKey(payload.header());
        synchronized (this) {
            Snippet snippet = byContent.get(key);
            if (snippet == null) {
                snippet = add(key, read(payload));
            }
            return snippet.number == 0 ? null : snippet.number;
        }
    }

    private Snippet add(ByteKey key, @Nullable Object value) {
        boolean empty = value == null
                || value instanceof Collection<?> items && items.isEmpty()
                || value instanceof Map<?, ?> map && map.isEmpty();
        var snippet = new Snippet(empty ? 0 : ++last, value);
        byContent.put(key, snippet);
        bytes += key.length();
        if (value != null && !empty) {
            byNumber.put(snippet.number, value);
        }
        while (byContent.size() > COUNT_MAX || bytes > BYTES_MAX) {
            Map.Entry<ByteKey, Snippet> eldest = byContent.pollFirstEntry();
            bytes -= eldest.getKey().length();
            byNumber.remove(eldest.getValue().number);
        }
        return snippet;
    }

    private static @Nullable Object read(Payload payload) {
        try {
            return payload.kind() == Payload.Kind.PICKLED
                            && PayloadFrames.header(payload).get("pickled-obj") instanceof byte[] pickle
                    ? PickleReader.readWithOpaque(pickle)
                    : null;
        } catch (BadMessageException e) {
            return null;
        }
    }

    /// The value of a number, of plain values and [PickleReader.Opaque]; null if it is not kept any more.
    public synchronized @Nullable Object get(Object number) {
        return number instanceof Long known ? byNumber.get(known) : null;
    }
}
