package io.github.daskjvm.worker.task;

/// A task failed with an exception that this process cannot have: one of a Python task, one whose class is not
/// here, or one that does not serialize. Its text is all that came.
public final class RemoteTaskException extends RuntimeException {
    private final String remoteClassName;
    private final String remoteTrace;

    /// @param remoteClassName empty if unknown
    /// @param remoteTrace empty if unknown
    public RemoteTaskException(String remoteClassName, String message, String remoteTrace) {
        super(message);
        this.remoteClassName = remoteClassName;
        this.remoteTrace = remoteTrace;
    }

    /// The class of the exception where the task ran.
    public String remoteClassName() {
        return remoteClassName;
    }

    /// The stack trace where the task ran, as text.
    public String remoteTrace() {
        return remoteTrace;
    }
}
