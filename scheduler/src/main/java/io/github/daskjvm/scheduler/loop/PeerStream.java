package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.BatchedStream;

/// The stream to one worker or client, with what the loop must know to write on it. Any thread may send; the
/// mark of having been touched belongs to the loop.
public final class PeerStream {
    private final BatchedStream stream;
    private final boolean durations;
    boolean touched;

    /// @param durations the worker's `compute-task` has the field `duration`: needed by some, refused by others
    public PeerStream(BatchedStream stream, boolean durations) {
        this.stream = stream;
        this.durations = durations;
    }

    public BatchedStream stream() {
        return stream;
    }

    boolean durations() {
        return durations;
    }
}
