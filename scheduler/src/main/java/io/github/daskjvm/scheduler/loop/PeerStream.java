package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.SelectedStream;
import io.github.daskjvm.comm.StreamSelector;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The stream to one worker or client, with what the loop must know to write on it. The loop's own thread reads and
/// writes it, unless it is encrypted: then threads of its own do. Any thread may send; the marks belong to the
/// loop.
public final class PeerStream {
    private final Connection connection;
    private final BatchedStream stream;
    private volatile boolean durations;
    private volatile boolean results;
    private volatile @Nullable SentFunctions functions;
    boolean touched;
    /// Something was added that the peer waits for.
    boolean urgent;

    private PeerStream(Connection connection, BatchedStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /// @param flushInterval at least so long from one write to the next, where the loop writes
    public static PeerStream open(Connection connection, StreamSelector selector, Duration flushInterval)
            throws IOException {
        BatchedStream stream = connection.isSelectable()
                ? selector.attach(connection, flushInterval)
                : BatchedStream.start(connection);
        return new PeerStream(connection, stream);
    }

    /// The worker's `compute-task` has the field `duration`: needed by some, refused by others. Before the first.
    public void withDurations(boolean value) {
        durations = value;
    }

    /// The worker is one of the JVM, which takes tasks in their short form. Before the first.
    public void withShortTasks() {
        functions = new SentFunctions();
    }

    /// The client takes small results with the news that they are there.
    public void withResults() {
        results = true;
    }

    /// What the peer says ends a pause of the loop, where the loop reads.
    public void endPauses() {
        if (stream instanceof SelectedStream selected) {
            selected.endPauses();
        }
    }

    public BatchedStream stream() {
        return stream;
    }

    /// Hands on every message and returns when the stream has ended.
    ///
    /// @param receiver is called by the loop's thread or the calling one, and must not wait for anything
    /// @throws IOException what ended the stream
    public void receive(SelectedStream.Receiver receiver) throws IOException {
        if (stream instanceof SelectedStream selected) {
            selected.receive(receiver);
        } else {
            while (!connection.isClosed()) {
                receiver.receive(connection.read());
            }
        }
    }

    /// Before the first [#read]: has the loop's thread take small messages itself, where it reads the stream.
    public void offerFirst(SelectedStream.AtOnce to) {
        if (stream instanceof SelectedStream selected) {
            selected.offerFirst(to);
        }
    }

    /// Waits for the next message.
    ///
    /// @throws IOException what ended the stream
    public @Nullable Object read() throws IOException {
        return stream instanceof SelectedStream selected ? selected.read() : connection.read();
    }

    /// The other end of the connection, for the log.
    String peer() {
        return connection.peer();
    }

    boolean durations() {
        return durations;
    }

    public boolean results() {
        return results;
    }

    /// What a worker of the JVM has been sent; null for any other peer.
    @Nullable
    SentFunctions functions() {
        return functions;
    }
}
