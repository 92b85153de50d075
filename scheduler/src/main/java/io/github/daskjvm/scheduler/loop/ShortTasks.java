package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.core.scheduler.Command.ComputeTask;
import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.MsgpackWriter;

/// Writes `compute-task` for a worker of the JVM: only what the task has and such a worker reads. A function goes ahead
/// of the first task of those that have it, as the message `function` with a `number`, which takes the place of
/// what had that number before.
final class ShortTasks {
    private static final byte[] COMPUTE_TASK = WorkerMessages.encoded("op", "compute-task", "key");
    private static final byte[] FUNCTION = WorkerMessages.encoded("function");
    private static final byte[] ARGUMENTS = WorkerMessages.encoded("arguments");

    private ShortTasks() {}

    static void send(BatchedStream stream, ComputeTask task, SentFunctions functions) {
        if (!(task.runSpec() instanceof JavaCall call) || !SentFunctions.takes(call.function())) {
            stream.add(out -> {
                head(out, task, 1);
                out.raw(WorkerMessages.RUN_SPEC);
                out.value(task.runSpec());
            });
            return;
        }
        int known = functions.number(call.function());
        int number = known >= 0 ? known : functions.add(call.function());
        if (known < 0) {
            stream.add(out -> function(out, number, call.function()));
        }
        stream.add(out -> {
            head(out, task, 2);
            out.raw(FUNCTION);
            out.int64(number);
            out.raw(ARGUMENTS);
            out.bin(call.arguments());
        });
    }

    private static void function(MsgpackWriter out, int number, byte[] function) {
        out.mapHeader(3);
        out.string("op");
        out.string("function");
        out.string("number");
        out.int64(number);
        out.string("function");
        out.bin(function);
    }

    /// @param further entries that follow
    private static void head(MsgpackWriter out, ComputeTask task, int further) {
        boolean alone = task.dependencies().isEmpty();
        boolean free = task.resources().isEmpty();
        out.mapHeader(4 + (alone ? 0 : 2) + (free ? 0 : 1) + (task.spanId() == null ? 0 : 1) + further);
        out.raw(COMPUTE_TASK);
        WorkerMessages.key(out, task.key());
        out.raw(WorkerMessages.RUN_ID);
        out.int64(task.runId());
        WorkerMessages.priority(out, task.priority());
        if (!alone) {
            WorkerMessages.locations(out, task.dependencies());
        }
        if (!free) {
            out.raw(WorkerMessages.RESOURCE_RESTRICTIONS);
            out.value(task.resources());
        }
        if (task.spanId() != null) {
            out.raw(WorkerMessages.SPAN_ID);
            out.string(task.spanId());
        }
    }
}
