package io.github.daskjvm.client;

import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        write(out, tasks, null);
    }

    /// As [#write(MsgpackWriter, List)], where only some are wanted, and the others as long as these need them.
    static void write(MsgpackWriter out, List<Submission> tasks, @Nullable List<String> wanted) {
        out.mapHeader(wanted == null ? 6 : 7);
        out.string("op");
        out.string("update-graph");
        out.string("runtime");
        out.string("jvm");
        out.string("fifo_timeout");
        out.string("100 ms");
        out.string("submitting_task");
        TaskContext submitting = TaskContext.currentOrNull();
        out.value(submitting == null ? null : submitting.key().value());
        if (wanted != null) {
            out.string("keys");
            out.arrayHeader(wanted.size());
            for (String key : wanted) {
                out.string(key);
            }
        }
        List<byte[]> functions = functions(tasks);
        out.string("functions");
        out.arrayHeader(functions.size());
        functions.forEach(out::bin);
        out.string("tasks");
        out.arrayHeader(tasks.size());
        int function = 0;
        for (Submission task : tasks) {
            if (task.isShort() && task.call.frames().getFirst() != functions.get(function)) {
                function++;
            }
            task.write(out, function);
        }
    }

    /// Of the tasks that have a short form, one after the other, without those that come twice in a row.
    private static List<byte[]> functions(List<Submission> tasks) {
        var functions = new ArrayList<byte[]>(1);
        for (Submission task : tasks) {
            if (task.isShort()
                    && (functions.isEmpty()
                            || functions.getLast() != task.call.frames().getFirst())) {
                functions.add(task.call.frames().getFirst());
            }
        }
        return functions;
    }

    private boolean isShort() {
        return JavaCall.isUsual(call) && call.frames().getLast().length <= JavaCall.ARGUMENTS_MAX_BYTES;
    }

    /// @param function where the function is among those of the message, if the task has a short form
    private void write(MsgpackWriter out, int function) {
        boolean plain = options.sameForScheduler(TaskOptions.DEFAULT);
        boolean python = call.kind() == Payload.Kind.PICKLED;
        boolean small = isShort();
        boolean alone = dependencies.isEmpty();
        out.mapHeader((small ? 3 : 2) + (alone ? 0 : 1) + (plain ? 0 : 5) + (actor ? 1 : 0) + (python ? 1 : 0));
        if (python) {
            out.string("runtime");
            out.string("python");
        }
        out.string("key");
        out.string(state.key);
        if (small) {
            out.string("function");
            out.int64(function);
            out.string("arguments");
            out.bin(call.frames().getLast());
        } else {
            out.string("run_spec");
            out.payload(call);
        }
        if (!alone) {
            out.string("dependencies");
            out.arrayHeader(dependencies.size());
            for (KeyState dependency : dependencies) {
                out.string(dependency.key);
            }
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
