package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.LogLine;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.peers.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What happened and what was noted: events by topic, metadata, the stream of finished tasks, the log.
final class EventOps {
    private static final int METADATA_KEYS_MAX = 100_000;

    private final Cluster cluster;
    private final TaskRecords records;
    private final Supplier<List<LogLine>> logLines;
    private final Map<Object, @Nullable Object> metadata = new HashMap<>();
    /// First keys under which something is noted and which are those of tasks.
    private final Set<Object> ofTasks = new HashSet<>();
    /// Maps inside the metadata count as well.
    private int metadataKeys;

    EventOps(Cluster cluster, TaskRecords records, Supplier<List<LogLine>> logLines) {
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

    /// Lines of the log as level and text, or time, level and text, newest first.
    private Object logs(Fields request, Connection connection) throws BadMessageException {
        double start = request.number("start", Double.NEGATIVE_INFINITY);
        long most = request.integer("n", 0);
        boolean timestamps = request.bool("timestamps", false);
        List<List<Object>> lines = new ArrayList<>();
        for (LogLine line : logLines.get().reversed()) {
            if (line.time() < start || (most > 0 && lines.size() == most)) {
                break;
            }
            lines.add(
                    timestamps ? List.of(line.time(), line.level(), line.text()) : List.of(line.level(), line.text()));
        }
        return lines;
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
            dropOfForgottenTasks();
        }
        if (metadataKeys >= METADATA_KEYS_MAX) {
            throw RpcFailure.valueError("there are " + METADATA_KEYS_MAX + " metadata keys already");
        }
        Map<Object, @Nullable Object> map = metadata;
        for (Object key : path.subList(0, path.size() - 1)) {
            Map<Object, @Nullable Object> next = new LinkedHashMap<>();
            if (!map.containsKey(key)) {
                metadataKeys++;
            }
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
        metadataKeys += keysOf(request.get("value"));
        if (map.containsKey(path.getLast())) {
            metadataKeys -= keysOf(map.get(path.getLast()));
        }
        map.put(path.getLast(), request.get("value"));
        if (isTask(path.getFirst())) {
            ofTasks.add(path.getFirst());
        }
        return null;
    }

    private boolean isTask(Object key) {
        TaskKey task = taskKey(key);
        return task != null && cluster.loop().query(state -> state.task(task)) != null;
    }

    private static @Nullable TaskKey taskKey(Object key) {
        try {
            return TaskKey.of(key);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void dropOfForgottenTasks() {
        for (Object key : List.copyOf(ofTasks)) {
            dropIfForgotten(key);
        }
    }

    /// What was noted of a task under its key goes with the task.
    private void dropIfForgotten(Object key) {
        if (ofTasks.contains(key) && !isTask(key)) {
            ofTasks.remove(key);
            metadataKeys -= keysOf(metadata.remove(key));
        }
    }

    private static int keysOf(@Nullable Object value) {
        int keys = 1;
        if (value instanceof Map<?, ?> map) {
            for (Object inner : map.values()) {
                keys += keysOf(inner);
            }
        }
        return keys;
    }

    private synchronized @Nullable Object getMetadata(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        Object value = metadata;
        List<Object> path = path(request);
        dropIfForgotten(path.getFirst());
        for (Object key : path) {
            if (!(value instanceof Map<?, ?> map)) {
                throw RpcFailure.python(
                        "builtins", "TypeError", "there is nothing under " + key + ": what holds it is no map");
            }
            if (!map.containsKey(key)) {
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
        var selected = new ArrayList<Map<String, @Nullable Object>>();
        records.since(request.integer("start_index", 0), run -> {
            if (run.stop() >= start && run.stop() <= stop) {
                selected.add(run.map());
            }
        });
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
