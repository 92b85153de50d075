package io.github.daskjvm.worker.task;

/// Thrown by a task to be run again from the start, maybe on another worker.
public final class RescheduleException extends RuntimeException {
    public RescheduleException() {
        super("run this task again");
    }
}
