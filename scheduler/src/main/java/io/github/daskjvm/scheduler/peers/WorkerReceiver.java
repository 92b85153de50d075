package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.SelectedStream;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.ScannedBatch;
import io.github.daskjvm.scheduler.loop.EventLoop;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Has what a worker says on its stream become events, a batch of messages at a time. Most of them are looked at where
/// they stand, see [ScannedBatch].
final class WorkerReceiver implements SelectedStream.Receiver {
    /// For a message that is not for the event loop, or not for it alone.
    @FunctionalInterface
    interface Beside {
        /// @param batch where events of the loop go
        /// @return false when the stream is to end
        boolean take(Fields message, List<Event> batch) throws BadMessageException;
    }

    private final String worker;
    private final EventLoop loop;
    private final TaskRecords records;
    private final Beside others;
    private final List<Event> batch = new ArrayList<>();
    private @Nullable ScannedBatch scan;

    WorkerReceiver(String worker, EventLoop loop, TaskRecords records, Beside others) {
        this.worker = worker;
        this.loop = loop;
        this.records = records;
        this.others = others;
    }

    @Override
    public void receive(@Nullable Object message) throws IOException {
        try {
            if (message instanceof Collection<?> items) {
                for (Object item : items) {
                    read(item);
                }
            } else {
                read(message);
            }
        } finally {
            post();
        }
    }

    @Override
    public void receive(MsgpackReader decoder, byte[] frame, int from, int to) throws IOException {
        try (ScannedBatch messages = scan(decoder)) {
            messages.open(frame, from, to);
            while (messages.hasNext()) {
                Fields message = messages.next();
                if (message == null) {
                    read(messages.decoded());
                } else {
                    read(message);
                }
            }
        } finally {
            post();
        }
    }

    private ScannedBatch scan(MsgpackReader decoder) {
        ScannedBatch messages = scan;
        if (messages == null) {
            messages = new ScannedBatch(decoder);
            scan = messages;
        }
        return messages;
    }

    private void post() {
        loop.post(batch);
        batch.clear();
    }

    private void read(@Nullable Object item) throws IOException {
        if (!"OK".equals(item)) {
            read(Fields.of(item));
        }
    }

    private void read(Fields message) throws IOException {
        Event event = WorkerEvents.decode(worker, message);
        if (event != null) {
            batch.add(event);
            records.see(event, worker, message);
            return;
        }
        long startNanos = System.nanoTime();
        // Who takes it may keep it.
        boolean more = others.take(Fields.of(message.op(), message.map()), batch);
        if (!message.op().equals("worker-status-change")) {
            loop.messages().done(message.op(), System.nanoTime() - startNanos);
        }
        if (!more) {
            throw new EOFException("the worker closed its stream");
        }
    }
}
