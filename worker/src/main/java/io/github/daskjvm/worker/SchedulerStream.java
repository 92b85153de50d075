package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what the scheduler sends, on one thread, and hands each batch to the loop at once, so that the most urgent
/// of a thousand tasks starts first. A message that cannot be read is logged and skipped, where a Python worker would
/// give up.
final class SchedulerStream {
    private final Connection connection;
    private final WorkerLoop loop;
    private final WorkerLog log;
    private final Control control;
    private final MessageDecoder decoder = new MessageDecoder();

    /// Messages that concern the worker as a whole. Called on the reading thread.
    interface Control {
        void statusChange(String status);

        void peerGone(String address);

        void close(String reason);
    }

    SchedulerStream(Connection connection, WorkerLoop loop, WorkerLog log, Control control) {
        this.connection = connection;
        this.loop = loop;
        this.log = log;
        this.control = control;
    }

    /// Returns when the stream has ended.
    ///
    /// @return why it ended; null if the scheduler ended it in order
    @Nullable
    String read() {
        try {
            while (true) {
                Object body = connection.read();
                Collection<?> messages = body instanceof Collection<?> many ? many : List.of(body == null ? "" : body);
                if (!handle(messages)) {
                    return null;
                }
            }
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private boolean handle(Collection<?> messages) {
        var events = new ArrayList<WorkerEvent>(messages.size());
        boolean goesOn = true;
        for (Object body : messages) {
            if ("OK".equals(body)) {
                continue;
            }
            try {
                Fields message = Fields.of(body);
                WorkerEvent event = decoder.event(message);
                if (event != null) {
                    events.add(event);
                }
                if (message.op().equals("close-stream")) {
                    goesOn = false;
                } else {
                    control(message, event != null);
                }
            } catch (BadMessageException e) {
                log.warn("skipping a message of the scheduler: " + e.getMessage());
            }
        }
        if (!events.isEmpty()) {
            loop.handle(events);
        }
        return goesOn;
    }

    private void control(Fields message, boolean known) throws BadMessageException {
        switch (message.op()) {
            case "worker-status-change" -> control.statusChange(message.string("status"));
            case "remove-worker" -> control.peerGone(message.string("worker"));
            case "close" -> control.close(message.get("reason") instanceof String reason ? reason : "scheduler-close");
            case "function", "shuffle-fail", "pubsub-add-subscriber", "pubsub-remove-subscriber", "pubsub-msg" -> {}
            default -> {
                if (!known) {
                    log.warn("skipping an unknown message of the scheduler: " + message.op());
                }
            }
        }
    }
}
