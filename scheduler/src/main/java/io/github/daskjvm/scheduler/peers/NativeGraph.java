package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The `update-graph` of a Java client, which lists its tasks instead of pickling a graph:
/// `tasks` is an array of maps with `key`, `run_spec`, `dependencies` and, where they differ from the default,
/// `runtime`, `priority`, `retries`, `workers`, `allow_other_workers`, `resources`, `actor`. The order of the array is
/// the order within the graph.
final class NativeGraph {
    private NativeGraph() {}

    static boolean is(Fields message) {
        return message.get("tasks") instanceof List<?>;
    }

    /// @param arrivedNanos when it arrived, by the loop's clock; 0 if unknown
    static Event.UpdateGraph decode(String client, Fields message, long arrivedNanos, String stimulusId)
            throws BadMessageException {
        List<TaskKey> wanted = Wire.keys(message, "keys");
        Runtime runtime = "python".equals(message.get("runtime")) ? Runtime.PYTHON : Runtime.JVM;
        var specs = new ArrayList<TaskSpec>();
        for (Object item : message.list("tasks")) {
            if (!(item instanceof Map<?, ?> map)) {
                throw message.wrong("tasks", "an array of maps");
            }
            specs.add(spec(new Fields("update-graph tasks", map), runtime, specs.size()));
        }
        Object fifo = message.get("fifo_timeout");
        return new Event.UpdateGraph(
                client,
                specs,
                wanted,
                Wire.keyOrNull(message, "submitting_task"),
                fifo == null ? 0 : (long) (Wire.seconds(fifo, message, "fifo_timeout") * 1e9),
                Event.Origin.NONE,
                new Event.Submission(arrivedNanos, null, 0),
                stimulusId);
    }

    private static TaskSpec spec(Fields task, Runtime runtime, int order) throws BadMessageException {
        List<TaskKey> dependencies = task.get("dependencies") == null ? List.of() : Wire.keys(task, "dependencies");
        Runtime own = "python".equals(task.get("runtime")) ? Runtime.PYTHON : runtime;
        return new TaskSpec(Wire.key(task, "key"), task.required("run_spec"), own, dependencies, order, options(task));
    }

    private static TaskOptions options(Fields task) throws BadMessageException {
        if (task.map().size() <= 3) {
            return TaskOptions.NONE;
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
                null);
    }
}
