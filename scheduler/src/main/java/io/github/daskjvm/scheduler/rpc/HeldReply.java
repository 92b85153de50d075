package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/// What a worker answered to `get_data`, of which the values are still at the worker, or on their way: they are passed
/// on when the message that they go into is written. By one thread at a time.
final class HeldReply implements StreamedMessage.Frames, AutoCloseable {
    private final String worker;
    private final RpcPool.Held held;
    private final Incoming incoming;
    private final Map<?, ?> body;

    HeldReply(String worker, RpcPool.Held held, Incoming incoming, Map<?, ?> body) {
        this.worker = worker;
        this.held = held;
        this.incoming = incoming;
        this.body = body;
    }

    String worker() {
        return worker;
    }

    /// With marker maps for the values, which point into this reply.
    Fields fields() {
        return Fields.of("get_data", body);
    }

    /// Bytes still to come. Any thread.
    long left() {
        return incoming.left();
    }

    @Override
    public long[] lengths() {
        return incoming.lengths();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        incoming.passTo(out, incoming.left());
        acknowledge();
    }

    /// Takes the values, drops them, and leaves the connection for the next call.
    void drop() {
        try (held) {
            incoming.skip();
            acknowledge();
        } catch (IOException e) {
            // The worker is gone, and with it what was to be dropped.
        }
    }

    /// The worker waits to hear that all has come.
    private void acknowledge() {
        try (held) {
            held.connection().write("OK");
            held.giveBack();
        } catch (IOException e) {
            // It is gone; nothing is missing.
        }
    }

    /// Closes the connection, if it is not all over.
    @Override
    public void close() {
        held.close();
    }
}
