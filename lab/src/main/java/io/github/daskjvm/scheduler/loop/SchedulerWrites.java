package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.protocol.MsgpackWriter;

/// How the scheduler's shell writes to workers, for benchmarks and simulations. In its package, since from nowhere else
/// can it be reached.
public final class SchedulerWrites {
    private SchedulerWrites() {}

    public static byte[] write(Command.WorkerMessage message) {
        var out = new MsgpackWriter(256);
        write(message, out);
        return out.toByteArray();
    }

    /// To a worker that has no objection to any field.
    public static void write(Command.WorkerMessage message, MsgpackWriter out) {
        WorkerMessages.write(out, message, true);
    }
}
