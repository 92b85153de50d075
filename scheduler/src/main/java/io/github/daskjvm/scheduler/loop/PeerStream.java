package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.comm.Connection;
import java.time.Duration;

/// The stream to one worker or client, with what the loop must know to write on it. Any thread may send; the
/// mark of having been touched belongs to the loop.
public final class PeerStream {
    private final BatchedStream stream;
    private final String peer;
    private final boolean durations;
    boolean touched;

    /// @param durations the worker's `compute-task` has the field `duration`: needed by some, refused by others
    /// @param flushInterval at least so long from one write to the next
    public PeerStream(Connection connection, boolean durations, Duration flushInterval) {
        this.stream = BatchedStream.start(connection, flushInterval);
        this.peer = connection.peer();
        this.durations = durations;
    }

    public BatchedStream stream() {
        return stream;
    }

    /// The other end of the connection, for the log.
    String peer() {
        return peer;
    }

    boolean durations() {
        return durations;
    }
}
