package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.peers.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What happened and what was noted: events by topic, metadata, the stream of finished tasks, the log.
final class EventOps {
    private static final int METADATA_KEYS_MAX = 100_000;

    private final Cluster cluster;
    private final TaskRecords records;
    private final Supplier<List<List<String>>> logLines;
    private final Map<Object, @Nullable Object> metadata = new HashMap<>();
    private int metadataKeys;

    EventOps(Cluster cluster, TaskRecords records, Supplier<List<List<String>>> logLines) {
        this.cluster = cluster;
        this.records = records;
        this.logLines = logLines;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("log_event", this::logEvent);
        handlers.put("events", this::events);
        handlers.put("get_metadata", this::getMetadata);
        handlers.put("set_metadata", this::setMetadata);
        handlers.put("get_task_stream", this::taskStream);
        handlers.put("get_task_stream_index", (request, c) -> {
            records.activate();
            return records.total();
        });
        handlers.put("start_task_metadata", this::startTaskMetadata);
        handlers.put("stop_task_metadata", this::stopTaskMetadata);
        handlers.put("get_logs", this::logs);
        handlers.put("logs", this::logs);
    }

    private @Nullable Object logEvent(Fields request, Connection connection) throws BadMessageException {
        List<String> topics = Wire.textsOrNull(request, "topic");
        if (topics == null) {
            throw request.wrong("topic", "text or an array of text");
        }
        cluster.events().log(topics, request.get("msg"));
        return null;
    }

    private Object events(Fields request, Connection connection) throws BadMessageException {
        String topic = request.stringOrNull("topic");
        return topic == null ? cluster.events().events() : cluster.events().events(topic);
    }

    /// The last lines, newest last, as level and text.
    private Object logs(Fields request, Connection connection) throws BadMessageException {
        List<List<String>> lines = logLines.get();
        long n = request.integer("n", lines.size());
        return lines.subList((int) Math.max(0, lines.size() - Math.max(0, n)), lines.size());
    }

    // ---- metadata ----

    private static List<Object> path(Fields request) throws BadMessageException {
        Object given = request.required("keys");
        var path = new ArrayList<Object>();
        if (given instanceof List<?> keys) {
            for (Object key : keys) {
                if (key == null) {
                    throw request.wrong("keys", "an array of keys");
                }
                path.add(key);
            }
        } else {
            path.add(given);
        }
        if (path.isEmpty()) {
            throw request.wrong("keys", "an array of at least one key");
        }
        return path;
    }

    private synchronized @Nullable Object setMetadata(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        List<Object> path = path(request);
        if (metadataKeys >= METADATA_KEYS_MAX) {
            throw RpcFailure.valueError("there are " + METADATA_KEYS_MAX + " metadata keys already");
        }
        Map<Object, @Nullable Object> map = metadata;
        for (Object key : path.subList(0, path.size() - 1)) {
            Map<Object, @Nullable Object> next = new LinkedHashMap<>();
            if (map.get(key) instanceof Map<?, ?> present) {
                present.forEach((k, v) -> {
                    if (k != null) {
                        next.put(k, v);
                    }
                });
            }
            map.put(key, next);
            map = next;
        }
        if (!map.containsKey(path.getLast())) {
            metadataKeys++;
        }
        map.put(path.getLast(), request.get("value"));
        return null;
    }

    private synchronized @Nullable Object getMetadata(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        Object value = metadata;
        for (Object key : path(request)) {
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
                Object otherwise = request.get("default");
                if (request.has("default") && !isNoDefault(otherwise)) {
                    return otherwise;
                }
                throw new RpcFailure(
                        "KeyError: " + key, Pickle.exception("builtins", "KeyError", String.valueOf(key)), null);
            }
            value = map.get(key);
        }
        return value;
    }

    /// Python's mark for "none given" is a member of an enumeration.
    private static boolean isNoDefault(@Nullable Object value) {
        return value instanceof Map<?, ?> map && map.containsKey("__Enum__") && "no_default".equals(map.get("name"));
    }

    // ---- finished tasks ----

    private Object taskStream(Fields request, Connection connection) throws BadMessageException {
        records.activate();
        double start = moment(request, "start", Double.NEGATIVE_INFINITY);
        double stop = moment(request, "stop", Double.POSITIVE_INFINITY);
        long count = request.integer("count", Long.MAX_VALUE);
        List<TaskRecords.Run> runs = records.runs();
        long skip = Math.max(0, request.integer("start_index", 0) - (records.total() - runs.size()));
        var selected = new ArrayList<Map<String, @Nullable Object>>();
        for (int i = (int) Math.min(skip, runs.size()); i < runs.size(); i++) {
            TaskRecords.Run run = runs.get(i);
            if (run.stop() >= start && run.stop() <= stop) {
                selected.add(run.map());
            }
        }
        return selected.subList((int) Math.max(0, selected.size() - count), selected.size());
    }

    /// A number is seconds since 1970; text is how long ago.
    private static double moment(Fields request, String name, double otherwise) throws BadMessageException {
        return switch (request.get(name)) {
            case null -> otherwise;
            case Number seconds -> seconds.doubleValue();
            default -> Wire.now() - Wire.seconds(request.get(name), request, name);
        };
    }

    private @Nullable Object startTaskMetadata(Fields request, Connection connection) throws BadMessageException {
        records.collect(request.string("name"));
        return null;
    }

    private Object stopTaskMetadata(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("name");
        TaskRecords.Collected collected = records.collected(name);
        if (collected == null) {
            throw RpcFailure.valueError(
                    "Expected to find exactly one CollectTaskMetaDataPlugin with name " + name + " but found 0.");
        }
        return Map.of("metadata", collected.metadata(), "state", collected.state());
    }
}
