package io.github.daskjvm.client;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The task, or one that it needs, threw. The cause is what was thrown, with its stack trace from the worker; where
/// its class is not on this side's class path, a [io.github.daskjvm.worker.task.RemoteTaskException] with its text.
public final class TaskFailedException extends ExecutionException {
    private final String key;
    private final @Nullable String worker;

    TaskFailedException(String key, @Nullable String worker, Throwable cause) {
        super("task " + key + (worker == null ? "" : " on " + worker) + " failed: " + cause, cause);
        this.key = key;
        this.worker = worker;
    }

    /// The task of the future that was asked, which need not be the one that threw.
    public String key() {
        return key;
    }

    /// The address of the worker that ran it; empty if it is not known, as for a failure that the scheduler saw.
    public Optional<String> worker() {
        return Optional.ofNullable(worker);
    }
}
