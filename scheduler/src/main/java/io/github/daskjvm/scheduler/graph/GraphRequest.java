package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an `update-graph` asks for, its graph still pickled. Which of the two forms of graph it carries is seen
/// from the fields that are there, never from a version.
///
/// @param header msgpack map that says how `frames` were serialised
/// @param frames the graph: a pickle, then its out-of-band buffers
/// @param keys what the client wants and holds futures for
/// @param internalPriority the order within the graph where the client gives it; empty where Dask's own
///     `order` is to decide
/// @param submittingTask the running task that submits, or null
/// @param actors which of the tasks are actors
/// @param annotations for all tasks: a payload or plain value as it came; null for none
/// @param code opaque: where in the user's program this was submitted
/// @param spanMetadata opaque
public record GraphRequest(
        Form form,
        byte[] header,
        List<byte[]> frames,
        Set<TaskKey> keys,
        Map<TaskKey, Long> internalPriority,
        @Nullable TaskKey submittingTask,
        long fifoTimeoutNanos,
        Set<TaskKey> actors,
        @Nullable Object annotations,
        @Nullable Object code,
        @Nullable Object spanMetadata) {

    private static final int SMALL_MAX_KEYS = 100;
    private static final int SMALL_MAX_BYTES = 1 << 16;

    /// How a client writes its graphs.
    public enum Form {
        /// `graph_header` and `graph_frames`: a pickled `HighLevelGraph`, as 2024.12 sends it.
        HIGH_LEVEL_GRAPH,
        /// `expr_ser`: a pickled expression, as 2026.7 sends it.
        EXPRESSION
    }

    /// The keys that are wanted, as [TaskKey#value] has each.
    List<Object> keyValues() {
        List<Object> values = new ArrayList<>(keys.size());
        for (TaskKey key : keys) {
            values.add(key.value());
        }
        return values;
    }

    /// @throws GraphFailure if the graph is in neither form; the client's [#wantedKeys] are then to be failed
    /// @throws BadMessageException if a field is missing or mistyped
    public static GraphRequest parse(Fields message) throws BadMessageException, GraphFailure {
        Form form;
        byte[] header;
        List<byte[]> frames;
        if (message.get("expr_ser") instanceof Payload payload) {
            form = Form.EXPRESSION;
            header = payload.header();
            frames = payload.frames();
        } else if (message.has("graph_header") && message.has("graph_frames")) {
            form = Form.HIGH_LEVEL_GRAPH;
            var writer = new MsgpackWriter(256);
            writer.value(message.mapping("graph_header"));
            header = writer.toByteArray();
            frames = frames(message);
        } else {
            throw GraphFailure.of("graph format not read here: this update-graph has the fields "
                    + message.map().keySet() + "; a scheduler of dask-jvm reads those with graph_header and"
                    + " graph_frames (Dask 2024.12) or expr_ser (Dask 2026.7)");
        }
        Set<TaskKey> keys = wantedKeys(message);
        Object submitting = message.get("submitting_task");
        return new GraphRequest(
                form,
                header,
                frames,
                keys,
                internalPriority(message),
                submitting == null ? null : key(message, "submitting_task", submitting),
                TimeText.nanos(message.get("fifo_timeout")),
                actors(message, keys),
                message.get("annotations"),
                message.get("code"),
                message.get("span_metadata"));
    }

    /// The field `keys`, which clients of every version send.
    public static Set<TaskKey> wantedKeys(Fields message) throws BadMessageException {
        return keys(message, "keys", message.list("keys"));
    }

    private static List<byte[]> frames(Fields message) throws BadMessageException {
        var frames = new ArrayList<byte[]>();
        for (Object frame : message.list("graph_frames")) {
            if (!(frame instanceof byte[] bytes)) {
                throw message.wrong("graph_frames", "an array of bytes");
            }
            frames.add(bytes);
        }
        return frames;
    }

    private static Set<TaskKey> actors(Fields message, Set<TaskKey> keys) throws BadMessageException {
        return switch (message.get("actors")) {
            case null -> Set.of();
            case Boolean all -> all ? keys : Set.of();
            default -> keys(message, "actors", message.list("actors"));
        };
    }

    private static Map<TaskKey, Long> internalPriority(Fields message) throws BadMessageException {
        Map<?, ?> given = message.mappingOrEmpty("internal_priority");
        Map<TaskKey, Long> result = LinkedHashMap.newLinkedHashMap(given.size());
        for (Map.Entry<?, ?> entry : given.entrySet()) {
            if (!(entry.getValue() instanceof Number order)) {
                throw message.wrong("internal_priority", "a map of keys to integers");
            }
            result.put(key(message, "internal_priority", entry.getKey()), order.longValue());
        }
        return result;
    }

    private static Set<TaskKey> keys(Fields message, String field, Collection<?> values) throws BadMessageException {
        Set<TaskKey> keys = LinkedHashSet.newLinkedHashSet(values.size());
        for (Object value : values) {
            keys.add(key(message, field, value));
        }
        return keys;
    }

    private static TaskKey key(Fields message, String field, @Nullable Object value) throws BadMessageException {
        try {
            return TaskKey.of(value instanceof MsgpackReader.Bytes bytes ? bytes.value() : value);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("op " + message.op() + ", field " + field + ": " + e.getMessage(), e);
        }
    }

    /// Whether it surely becomes few tasks at little cost, as a `submit` does, so that it may be unpacked together
    /// with others. What a collection becomes cannot be told from its size.
    public boolean isSmall() {
        return !internalPriority.isEmpty() && keys.size() <= SMALL_MAX_KEYS && sizeBytes() <= SMALL_MAX_BYTES;
    }

    /// Bytes of the pickled graph.
    public long sizeBytes() {
        long size = 0;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        return size;
    }
}
