package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import java.util.Objects;

/// How the scheduler's shell reads what workers write, for tests of simulations. In its package, since from nowhere
/// else
/// can it be reached.
public final class SchedulerReads {
    private SchedulerReads() {}

    public static Event read(String worker, byte[] message) throws BadMessageException {
        return Objects.requireNonNull(WorkerEvents.decode(worker, Fields.of(new MsgpackReader().whole(message))));
    }
}
