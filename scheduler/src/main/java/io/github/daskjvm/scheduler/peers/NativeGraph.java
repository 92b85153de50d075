package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.graph.GraphFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The `update-graph` of a Java client, which lists its tasks instead of pickling a graph:
/// `tasks` is an array of maps with `key`, `run_spec`, `dependencies` and, where they differ from the default,
/// `priority`, `retries`, `workers`, `allow_other_workers`, `resources`, `actor`. The order of the array is the
/// order within the graph.
final class NativeGraph {
    private NativeGraph() {}

    static boolean is(Fields message) {
        return message.get("tasks") instanceof List<?>;
    }

    /// @throws GraphFailure if the tasks depend on each other in a circle
    static Event.UpdateGraph decode(String client, Fields message, String stimulusId)
            throws BadMessageException, GraphFailure {
        List<TaskKey> wanted = Wire.keys(message, "keys");
        Runtime runtime = "python".equals(message.get("runtime")) ? Runtime.PYTHON : Runtime.JVM;
        var specs = new ArrayList<TaskSpec>();
        Set<TaskKey> seen = new HashSet<>();
        boolean inOrder = true;
        for (Object item : message.list("tasks")) {
            if (!(item instanceof Map<?, ?> map)) {
                throw message.wrong("tasks", "an array of maps");
            }
            TaskSpec spec = spec(new Fields("update-graph tasks", map), runtime, specs.size());
            inOrder &= seen.containsAll(spec.dependencies());
            seen.add(spec.key());
            specs.add(spec);
        }
        if (!inOrder) {
            refuseCycle(specs);
        }
        Object fifo = message.get("fifo_timeout");
        return new Event.UpdateGraph(
                client,
                specs,
                wanted,
                Wire.keyOrNull(message, "submitting_task"),
                fifo == null ? 0 : (long) (Wire.seconds(fifo, message, "fifo_timeout") * 1e9),
                stimulusId);
    }

    private static TaskSpec spec(Fields task, Runtime runtime, int order) throws BadMessageException {
        List<TaskKey> dependencies = task.get("dependencies") == null ? List.of() : Wire.keys(task, "dependencies");
        return new TaskSpec(
                Wire.key(task, "key"), task.required("run_spec"), runtime, dependencies, order, options(task));
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

    /// Takes away what depends on nothing left, again and again; a circle is what cannot be taken away.
    private static void refuseCycle(List<TaskSpec> specs) throws GraphFailure {
        Map<TaskKey, List<TaskSpec>> dependents = new HashMap<>();
        Map<TaskKey, Integer> missing = new HashMap<>();
        for (TaskSpec spec : specs) {
            missing.put(spec.key(), 0);
        }
        Deque<TaskKey> free = new ArrayDeque<>();
        for (TaskSpec spec : specs) {
            int count = 0;
            for (TaskKey dependency : Set.copyOf(spec.dependencies())) {
                if (missing.containsKey(dependency)) {
                    dependents
                            .computeIfAbsent(dependency, k -> new ArrayList<>())
                            .add(spec);
                    count++;
                }
            }
            missing.put(spec.key(), count);
            if (count == 0) {
                free.add(spec.key());
            }
        }
        for (TaskKey key = free.poll(); key != null; key = free.poll()) {
            missing.remove(key);
            for (TaskSpec dependent : dependents.getOrDefault(key, List.of())) {
                if (missing.merge(dependent.key(), -1, Integer::sum) == 0) {
                    free.add(dependent.key());
                }
            }
        }
        if (!missing.isEmpty()) {
            throw failure("the graph has a cycle through " + anyOf(missing.keySet()));
        }
    }

    private static @Nullable TaskKey anyOf(Set<TaskKey> keys) {
        return keys.isEmpty() ? null : keys.iterator().next();
    }

    private static GraphFailure failure(String text) {
        return new GraphFailure(
                text, io.github.daskjvm.protocol.Pickle.exception("builtins", "ValueError", text), null);
    }
}
