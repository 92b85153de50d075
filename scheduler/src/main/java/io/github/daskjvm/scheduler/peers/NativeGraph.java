package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.SpanAnnotation;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.JavaCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The `update-graph` of a Java client, which lists its tasks instead of pickling a graph:
/// `tasks` is an array of maps with `key`, `run_spec` and, where they differ from the default, `dependencies`,
/// `runtime`, `priority`, `retries`, `workers`, `allow_other_workers`, `resources`, `actor`. In the place of
/// `run_spec`,
/// `function` and `arguments` make a [JavaCall]: an index into the message's `functions`, and bytes. The order of the
/// array is the order within the graph. Without `keys` all tasks are wanted. `span` is of all tasks, as Dask's
/// annotation has it: `name` and `ids`.
final class NativeGraph {
    private NativeGraph() {}

    static boolean is(Fields message) {
        return message.get("tasks") instanceof List<?>;
    }

    /// @param arrivedNanos when it arrived, by the loop's clock; 0 if unknown
    static Event.UpdateGraph decode(String client, Fields message, long arrivedNanos, String stimulusId)
            throws BadMessageException {
        List<?> functions = message.get("functions") instanceof List<?> list ? list : List.of();
        Runtime runtime = "python".equals(message.get("runtime")) ? Runtime.PYTHON : Runtime.JVM;
        TaskOptions plain = plain(message);
        var specs = new ArrayList<TaskSpec>();
        for (Object item : message.list("tasks")) {
            if (!(item instanceof Map<?, ?> map)) {
                throw message.wrong("tasks", "an array of maps");
            }
            specs.add(spec(Fields.of("update-graph tasks", map), runtime, functions, plain, specs.size()));
        }
        Object fifo = message.get("fifo_timeout");
        return new Event.UpdateGraph(
                client,
                specs,
                message.get("keys") == null ? keys(specs) : Wire.keys(message, "keys"),
                Wire.keyOrNull(message, "submitting_task"),
                fifo == null ? 0 : (long) (Wire.seconds(fifo, message, "fifo_timeout") * 1e9),
                Event.Origin.NONE,
                new Event.Submission(arrivedNanos, null, 0),
                stimulusId);
    }

    private static List<TaskKey> keys(List<TaskSpec> specs) {
        var keys = new ArrayList<TaskKey>(specs.size());
        for (TaskSpec spec : specs) {
            keys.add(spec.key());
        }
        return keys;
    }

    /// What the client wants of a message, however wrong the rest of it is.
    static List<TaskKey> wanted(Fields message) throws BadMessageException {
        if (message.get("keys") != null) {
            return Wire.keys(message, "keys");
        }
        var keys = new ArrayList<TaskKey>();
        for (Object item : message.list("tasks")) {
            if (item instanceof Map<?, ?> task && task.get("key") != null) {
                keys.add(Wire.key(task.get("key"), message, "tasks"));
            }
        }
        return keys;
    }

    /// Of a task that asks for nothing.
    private static TaskOptions plain(Fields message) throws BadMessageException {
        if (message.get("span") == null) {
            return TaskOptions.NONE;
        }
        Fields span = Fields.of("update-graph span", message.mapping("span"));
        List<String> name = Wire.textsOrNull(span, "name");
        List<String> ids = Wire.textsOrNull(span, "ids");
        try {
            var path = new SpanPath(name == null ? List.of() : name, ids == null ? List.of() : ids);
            return new TaskOptions(0, 0, null, false, Map.of(), false, null, new SpanAnnotation(path, null));
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("op update-graph: " + e.getMessage(), e);
        }
    }

    private static TaskSpec spec(Fields task, Runtime runtime, List<?> functions, TaskOptions plain, int order)
            throws BadMessageException {
        List<TaskKey> dependencies = task.get("dependencies") == null ? List.of() : Wire.keys(task, "dependencies");
        Runtime own = "python".equals(task.get("runtime")) ? Runtime.PYTHON : runtime;
        return new TaskSpec(
                Wire.key(task, "key"), runSpec(task, functions), own, dependencies, order, options(task, plain));
    }

    private static Object runSpec(Fields task, List<?> functions) throws BadMessageException {
        if (!(task.get("function") instanceof Long index)) {
            return task.required("run_spec");
        }
        if (index < 0 || index >= functions.size() || !(functions.get(index.intValue()) instanceof byte[] function)) {
            throw task.wrong("function", "an index into the functions of the message");
        }
        if (!(task.get("arguments") instanceof byte[] arguments)) {
            throw task.wrong("arguments", "bytes");
        }
        return new JavaCall(function, arguments);
    }

    private static TaskOptions options(Fields task, TaskOptions plain) throws BadMessageException {
        if (task.get("priority") == null && task.get("actor") == null) {
            return plain;
        }
        List<String> workers = Wire.textsOrNull(task, "workers");
        return new TaskOptions(
                task.number("priority", 0),
                (int) Math.clamp(task.integer("retries", 0), 0, Integer.MAX_VALUE),
                workers == null || workers.isEmpty() ? null : workers,
                task.bool("allow_other_workers", false),
                Wire.numbers(task, "resources"),
                task.bool("actor", false),
                null,
                plain.span());
    }
}
