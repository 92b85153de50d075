package io.github.daskjvm.worker.task;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A task failed with an exception that this process cannot have: one of a Python task, one whose class is not
/// here, or one that does not serialize. Its text is all that came.
public final class RemoteTaskException extends RuntimeException {
    private final String remoteClassName;
    private final String remoteTrace;
    private final @Nullable SchedulerFailure schedulerFailure;

    /// @param remoteClassName empty if unknown
    /// @param remoteTrace empty if unknown
    public RemoteTaskException(String remoteClassName, String message, String remoteTrace) {
        super(message);
        this.remoteClassName = remoteClassName;
        this.remoteTrace = remoteTrace;
        this.schedulerFailure = null;
    }

    /// @param schedulerFailure why the scheduler gave the task up
    public RemoteTaskException(String remoteClassName, SchedulerFailure schedulerFailure) {
        super(schedulerFailure.describe());
        this.remoteClassName = remoteClassName;
        this.remoteTrace = "";
        this.schedulerFailure = schedulerFailure;
    }

    /// The class of the exception where the task ran.
    public String remoteClassName() {
        return remoteClassName;
    }

    /// The stack trace where the task ran, as text.
    public String remoteTrace() {
        return remoteTrace;
    }

    /// Why the scheduler gave the task up; empty if the task failed by itself.
    public Optional<SchedulerFailure> schedulerFailure() {
        return Optional.ofNullable(schedulerFailure);
    }
}
