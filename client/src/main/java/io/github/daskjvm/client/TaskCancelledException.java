package io.github.daskjvm.client;

import java.util.concurrent.CancellationException;

/// The task was cancelled: by this client or another, with a task that it needs, by a restart of the cluster, or
/// because the client is closed. The message says which.
public final class TaskCancelledException extends CancellationException {
    private final String key;

    TaskCancelledException(String key, String reason) {
        super(reason);
        this.key = key;
    }

    /// The task that was cancelled.
    public String key() {
        return key;
    }
}
