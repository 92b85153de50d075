package io.github.daskjvm.client;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.task.RemoteTaskException;
import io.github.daskjvm.worker.task.SchedulerFailure;
import io.github.daskjvm.worker.task.TaskFailure;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The task, or one that it needs, threw. The cause is what was thrown, with its stack trace from the worker;
/// where its class is not on this side's class path, a [io.github.daskjvm.worker.task.RemoteTaskException] with
/// its text.
public sealed class TaskFailedException extends ExecutionException permits KilledWorkerException, NoWorkerException {
    private final String key;
    private final @Nullable String failedKey;
    private final @Nullable String worker;

    TaskFailedException(String key, @Nullable String failedKey, @Nullable String worker, Throwable cause) {
        super(
                "task " + key + (worker == null ? "" : " on " + worker) + " failed: "
                        + (failedKey == null || failedKey.equals(key) ? "" : failedKey + ", which it needs, threw ")
                        + cause,
                cause);
        this.key = key;
        this.failedKey = failedKey;
        this.worker = worker;
    }

    /// The exception of the kind that the scheduler's or the task's own calls for.
    static TaskFailedException of(String key, @Nullable String failedKey, @Nullable String worker, Throwable cause) {
        SchedulerFailure given = cause instanceof RemoteTaskException remote
                ? remote.schedulerFailure().orElse(null)
                : null;
        return switch (given) {
            case SchedulerFailure.KilledWorker killed -> new KilledWorkerException(key, killed, cause);
            case SchedulerFailure.NoWorker none -> new NoWorkerException(key, none, cause);
            case SchedulerFailure.NoValidWorker none -> new NoWorkerException(key, none, cause);
            case null -> new TaskFailedException(key, failedKey, worker, cause);
        };
    }

    /// The task of the future that was asked, which need not be the one that threw.
    public String key() {
        return key;
    }

    /// The task that threw: this one, or one that it needs; [#key] where that is not known, as of tasks in
    /// Python.
    public String failedKey() {
        return failedKey == null ? key : failedKey;
    }

    /// What the function of the task that threw is called: the part of its key that dashboards and metrics show.
    public String function() {
        return TaskKey.of(failedKey()).prefix();
    }

    /// The address of the worker that ran it, or that ran it last; empty if it is not known.
    public Optional<String> worker() {
        return Optional.ofNullable(worker);
    }

    private Throwable thrown() {
        Throwable cause = getCause();
        return cause == null ? this : cause;
    }

    /// The class of what was thrown, which need not be here.
    public String remoteClassName() {
        return thrown() instanceof RemoteTaskException remote
                ? remote.remoteClassName()
                : thrown().getClass().getName();
    }

    /// The message of what was thrown; empty if it has none.
    public String remoteMessage() {
        String message = thrown().getMessage();
        return message == null ? "" : message;
    }

    /// The stack trace where the task ran, as text; empty if none came.
    public String remoteStackTrace() {
        return thrown() instanceof RemoteTaskException remote ? remote.remoteTrace() : TaskFailure.trace(thrown());
    }
}
