package io.github.daskjvm.client;

import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A task on its way to the scheduler.
///
/// @param state of the task's own key
/// @param call what the worker runs
/// @param dependencies the keys whose results it gets
/// @param actor the result stays with the worker
record Submission(KeyState state, Payload call, List<KeyState> dependencies, TaskOptions options, boolean actor) {
    Submission(KeyState state, Payload call, List<KeyState> dependencies, TaskOptions options) {
        this(state, call, dependencies, options, false);
    }

    Submission asActor() {
        return new Submission(state, call, dependencies, options, true);
    }

    /// One `update-graph` message of the form for Java tasks: each task as a map, in the order in which they are
    /// to run where nothing else decides. What options leave at its default is not sent.
    static void write(MsgpackWriter out, List<Submission> tasks) {
        var keys = new ArrayList<String>(tasks.size());
        for (Submission task : tasks) {
            keys.add(task.state.key);
        }
        write(out, tasks, keys);
    }

    /// As [#write(MsgpackWriter, List)], where only some are wanted, and the others as long as these need them.
    static void write(MsgpackWriter out, List<Submission> tasks, List<String> wanted) {
        out.mapHeader(6);
        out.string("op");
        out.string("update-graph");
        out.string("runtime");
        out.string("jvm");
        out.string("fifo_timeout");
        out.string("100 ms");
        out.string("submitting_task");
        TaskContext submitting = TaskContext.currentOrNull();
        out.value(submitting == null ? null : submitting.key().value());
        out.string("keys");
        out.arrayHeader(wanted.size());
        for (String key : wanted) {
            out.string(key);
        }
        out.string("tasks");
        out.arrayHeader(tasks.size());
        for (Submission task : tasks) {
            task.write(out);
        }
    }

    private void write(MsgpackWriter out) {
        boolean plain = options.sameForScheduler(TaskOptions.DEFAULT);
        boolean python = call.kind() == Payload.Kind.PICKLED;
        out.mapHeader((plain ? 3 : 8) + (actor ? 1 : 0) + (python ? 1 : 0));
        if (python) {
            out.string("runtime");
            out.string("python");
        }
        out.string("key");
        out.string(state.key);
        out.string("run_spec");
        out.payload(call);
        out.string("dependencies");
        out.arrayHeader(dependencies.size());
        for (KeyState dependency : dependencies) {
            out.string(dependency.key);
        }
        if (!plain) {
            writeOptions(out);
        }
        if (actor) {
            out.string("actor");
            out.bool(true);
        }
    }

    private void writeOptions(MsgpackWriter out) {
        out.string("priority");
        out.float64(options.priority());
        out.string("retries");
        out.int64(options.retries());
        out.string("workers");
        out.value(options.workers().isEmpty() ? null : options.workers());
        out.string("allow_other_workers");
        out.bool(options.allowOtherWorkers());
        out.string("resources");
        out.mapHeader(options.resources().size());
        for (Map.Entry<String, Double> resource : options.resources().entrySet()) {
            out.string(resource.getKey());
            out.float64(resource.getValue());
        }
    }

    /// About how much the task adds to a message.
    long sizeBytes() {
        return 200 + call.sizeBytes();
    }
}
