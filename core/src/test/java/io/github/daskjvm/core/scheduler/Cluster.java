package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A scheduler state under test, with short ways to say what happens to it. Invariants are checked after every
/// event.
final class Cluster {
    final SchedulerState state;
    long nowNanos;

    Cluster() {
        this(SchedulerConfig.DEFAULT);
    }

    Cluster(SchedulerConfig config) {
        this(config, GraphTracing.NONE);
    }

    Cluster(SchedulerConfig config, GraphTracing tracing) {
        state = new SchedulerState(config.withValidate(true), Phases.NONE, tracing);
    }

    /// @param slice see [Slices]
    Cluster(SchedulerConfig config, int slice) {
        state = new SchedulerState(config.withValidate(true), Phases.NONE, GraphTracing.NONE, slice);
    }

    List<Command> on(Event... events) {
        nowNanos += 1_000_000;
        List<Command> commands = state.handle(List.of(events), nowNanos);
        state.checkInvariants();
        return commands;
    }

    Cluster client(String id) {
        on(new Event.ClientConnected(id));
        return this;
    }

    List<Command> worker(String name, int threads, Map<String, Double> resources) {
        return on(new Event.WorkerJoined(
                address(name),
                name,
                "10.0.0.1",
                Runtime.PYTHON,
                threads,
                0,
                resources,
                WorkerStatus.RUNNING,
                null,
                "join-" + name));
    }

    List<Command> worker(String name, int threads) {
        return worker(name, threads, Map.of());
    }

    static String address(String worker) {
        return "tcp://" + worker + ":1";
    }

    static TaskKey key(String text) {
        return TaskKey.of(text);
    }

    static List<TaskKey> keys(String... texts) {
        List<TaskKey> keys = new ArrayList<>();
        for (String text : texts) {
            keys.add(key(text));
        }
        return keys;
    }

    /// A task whose code is the text `run KEY`.
    static TaskSpec task(String key, String... dependencies) {
        return task(key, 0, TaskSpec.TaskOptions.NONE, dependencies);
    }

    static TaskSpec task(String key, long order, TaskSpec.TaskOptions options, String... dependencies) {
        return new TaskSpec(key(key), "run " + key, Runtime.PYTHON, keys(dependencies), order, options);
    }

    static TaskSpec.TaskOptions retries(int retries) {
        return new TaskSpec.TaskOptions(0, retries, null, false, Map.of(), false, null, null);
    }

    static TaskSpec.TaskOptions on(List<String> workers, boolean allowOthers) {
        return new TaskSpec.TaskOptions(0, 0, workers, allowOthers, Map.of(), false, null, null);
    }

    static TaskSpec.TaskOptions resources(Map<String, Double> resources) {
        return new TaskSpec.TaskOptions(0, 0, null, false, resources, false, null, null);
    }

    static TaskSpec.TaskOptions actor() {
        return new TaskSpec.TaskOptions(0, 0, null, false, Map.of(), true, null, null);
    }

    static TaskSpec.TaskOptions actorOn(String worker) {
        return new TaskSpec.TaskOptions(0, 0, List.of(worker), false, Map.of(), true, null, null);
    }

    /// A span and those around it, outermost first; the tags are the ids in capitals.
    static TaskSpec.TaskOptions span(String... ids) {
        List<String> tags = new ArrayList<>();
        for (String id : ids) {
            tags.add(id.toUpperCase(Locale.ROOT));
        }
        var annotation = new TaskSpec.SpanAnnotation(new SpanPath(tags, List.of(ids)), "others");
        return new TaskSpec.TaskOptions(0, 0, null, false, Map.of(), false, "all annotations", annotation);
    }

    static Event.SpanMetric metric(String span, String prefix, Number value) {
        return new Event.SpanMetric(span, List.of("execute", prefix, "thread-cpu", "seconds"), value);
    }

    static TaskSpec.TaskOptions priority(double priority) {
        return new TaskSpec.TaskOptions(priority, 0, null, false, Map.of(), false, null, null);
    }

    List<Command> submit(String client, List<TaskSpec> tasks, String... wanted) {
        return on(new Event.UpdateGraph(client, tasks, keys(wanted), null, 0, "graph"));
    }

    List<Command> finish(String worker, String key) {
        return finish(worker, key, runId(key));
    }

    List<Command> finish(String worker, String key, long runId) {
        return on(
                new Event.TaskFinished(address(worker), key(key), runId, 100, "type", "int", List.of(), 1, "finished"));
    }

    List<Command> fail(String worker, String key) {
        return on(new Event.TaskErred(
                address(worker), key(key), runId(key), "exception", "traceback", "E()", "", List.of(), "erred"));
    }

    List<Command> die(String worker) {
        return on(new Event.WorkerLeft(address(worker), false, "died"));
    }

    long runId(String key) {
        TaskState task = state.task(key(key));
        return task == null ? -1 : task.runId;
    }

    /// Null for a task that is not known.
    TaskStatus status(String key) {
        TaskState task = state.task(key(key));
        return task == null ? TaskStatus.FORGOTTEN : task.status();
    }

    /// The keys of tasks that the commands give to the worker.
    static List<String> given(List<Command> commands, String worker) {
        List<String> given = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String address, Command.ComputeTask task)
                    && address.equals(address(worker))) {
                given.add(task.key().toString());
            }
        }
        return given;
    }

    /// What the commands tell the client.
    static List<Command.ClientMessage> told(List<Command> commands, String client) {
        List<Command.ClientMessage> told = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToClient(String id, Command.ClientMessage message) && id.equals(client)) {
                told.add(message);
            }
        }
        return told;
    }
}
