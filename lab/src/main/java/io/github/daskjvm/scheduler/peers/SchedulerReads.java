package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.ScannedBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How the scheduler's shell reads what workers write, for benchmarks and simulations. In its package, since from
/// nowhere else can it be reached.
public final class SchedulerReads {
    private SchedulerReads() {}

    public static Event read(String worker, byte[] message) throws BadMessageException {
        return read(worker, new MsgpackReader().whole(message));
    }

    /// One message of a worker's stream, decoded.
    public static Event read(String worker, @Nullable Object message) throws BadMessageException {
        return Objects.requireNonNull(WorkerEvents.decode(worker, Fields.of(message)));
    }

    /// The messages of a frame of a worker's stream, each looked at where it stands.
    public static List<Event> batch(String worker, ScannedBatch messages, byte[] bytes, int from, int to)
            throws BadMessageException {
        List<Event> events = new ArrayList<>();
        messages.open(bytes, from, to);
        while (messages.hasNext()) {
            events.add(Objects.requireNonNull(WorkerEvents.decode(worker, Objects.requireNonNull(messages.next()))));
        }
        messages.close();
        return events;
    }

    /// The request that a worker's heartbeat is, decoded, as the core sees it.
    public static Event heartbeat(@Nullable Object request) throws BadMessageException {
        Fields fields = Fields.of(request);
        return Heartbeats.event(
                fields.string("address"), fields, fields.mapping("metrics"), fields.mappingOrEmpty("executing"));
    }
}
