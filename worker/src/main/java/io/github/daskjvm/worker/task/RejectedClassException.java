package io.github.daskjvm.worker.task;

import java.io.IOException;

/// What was received holds a class that the [SerialFilter] refuses. Nothing was made of it.
public final class RejectedClassException extends IOException {
    private final String className;

    RejectedClassException(String className, String reason, Throwable cause) {
        super(
                "the class " + className + " is refused in what comes from others, because " + reason
                        + "; if you trust it, allow it by the serial filter \"" + className + "\": --serial-filter or"
                        + " distributed.jvm.serial-filter of a worker, WorkerOptions.serialFilter,"
                        + " ClientOptions.serialFilter, LocalCluster.Builder.serialFilter",
                cause);
        this.className = className;
    }

    public String className() {
        return className;
    }
}
