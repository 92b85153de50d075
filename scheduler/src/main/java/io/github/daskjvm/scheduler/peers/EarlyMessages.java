package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.SelectedStream;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Keeps what a worker says before the loop knows it, and hands it on then. That it closes its stream is not kept: a
/// worker may leave before it has joined.
final class EarlyMessages implements SelectedStream.Receiver {
    private static final int KEPT_MAX = 10_000;

    private final SelectedStream.Receiver receiver;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<@Nullable Object> kept = new ArrayList<>();
    private volatile boolean joined;

    EarlyMessages(SelectedStream.Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public void receive(@Nullable Object message) throws IOException {
        if (!joined && keep(message)) {
            return;
        }
        receiver.receive(message);
    }

    @Override
    public void receive(MsgpackReader decoder, byte[] frame, int from, int to) throws IOException {
        if (joined) {
            receiver.receive(decoder, frame, from, to);
        } else {
            receive(decoder.message(frame, from, to));
        }
    }

    private boolean keep(@Nullable Object message) throws IOException {
        lock.lock();
        try {
            if (joined) {
                return false;
            }
            kept.add(message);
            if (closes(message)) {
                handOn();
            } else if (kept.size() > KEPT_MAX) {
                throw new BadMessageException("a worker that has not joined yet sent " + KEPT_MAX + " messages");
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static boolean closes(@Nullable Object message) {
        if (message instanceof Collection<?> items) {
            for (Object item : items) {
                if (closes(item)) {
                    return true;
                }
            }
        }
        return message instanceof Map<?, ?> map && "close-stream".equals(map.get("op"));
    }

    /// The loop knows the worker: from now on every message goes to the receiver at once.
    ///
    /// @throws IOException what the receiver throws at one that was kept
    void workerJoined() throws IOException {
        lock.lock();
        try {
            handOn();
            joined = true;
        } finally {
            lock.unlock();
        }
    }

    private void handOn() throws IOException {
        for (Object message : kept) {
            receiver.receive(message);
        }
        kept.clear();
    }
}
