package io.github.daskjvm.client;

/// What a client knows of a key it holds a [Future] of, under Dask's names.
public enum FutureStatus {
    /// Not computed yet.
    PENDING("pending"),
    /// Computed; the result is on a worker.
    FINISHED("finished"),
    /// The task, or one that it needs, threw.
    ERROR("error"),
    /// Cancelled here, by another client, by a restart, or because the connection to the scheduler was lost.
    CANCELLED("cancelled"),
    /// Computed once, and lost with its worker: being computed again.
    LOST("lost");

    private final String wireName;

    FutureStatus(String wireName) {
        this.wireName = wireName;
    }

    /// Dask's name for it.
    public String wireName() {
        return wireName;
    }

    /// Whether nothing more is to come, short of a loss of the worker that holds the result.
    boolean isDone() {
        return this != PENDING && this != LOST;
    }
}
