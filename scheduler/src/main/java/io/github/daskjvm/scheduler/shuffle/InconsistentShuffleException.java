package io.github.daskjvm.scheduler.shuffle;

/// What a worker asks of a shuffle does not fit what the shuffle is now; Dask's `P2PConsistencyError`. The worker's
/// task
/// fails with it, unless it has been released meanwhile.
final class InconsistentShuffleException extends Exception {
    private static final long serialVersionUID = 1;

    InconsistentShuffleException(String message) {
        super(message);
    }
}
