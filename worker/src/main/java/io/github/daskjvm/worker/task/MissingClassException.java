package io.github.daskjvm.worker.task;

import java.io.IOException;

/// What was received needs a class that is not here.
public final class MissingClassException extends IOException {
    private final String className;

    public MissingClassException(String className, Throwable cause) {
        super(
                "the class " + className + " is not on the class path of this process, nor in an uploaded jar; upload"
                        + " the jar that has it by client.uploadJar(path), or add it to the class path of every worker"
                        + " and client that handles it",
                cause);
        this.className = className;
    }

    public String className() {
        return className;
    }
}
