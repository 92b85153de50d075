package io.github.daskjvm.worker;

import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import java.util.Objects;

/// How the worker's shell reads and writes, for tests of simulations. In its package, since from nowhere else can it be
/// reached.
public final class WorkerWire {
    private static final MessageEncoder ENCODER = new MessageEncoder(true);

    private WorkerWire() {}

    /// With what there is to run as the scheduler has it, without the span that the shell keeps beside it.
    public static WorkerEvent read(byte[] message) throws BadMessageException {
        WorkerEvent event =
                Objects.requireNonNull(new MessageDecoder().event(Fields.of(new MsgpackReader().whole(message))));
        if (event instanceof WorkerEvent.ComputeTask task && task.runSpec() instanceof RunSpec(Object call, var span)) {
            return new WorkerEvent.ComputeTask(
                    task.key(), task.runId(), task.priority(), task.inputs(), call, task.resources());
        }
        return event;
    }

    public static byte[] write(WorkerMessage message) {
        var out = new MsgpackWriter(256);
        ENCODER.write(out, message);
        return out.toByteArray();
    }
}
