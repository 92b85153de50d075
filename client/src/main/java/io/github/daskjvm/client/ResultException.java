package io.github.daskjvm.client;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The task has finished, but its result can't be brought here: the worker that has it does not answer, it has no
/// counterpart in Java, its class is not on this side's class path, or the serial filter refuses that.
public final class ResultException extends ExecutionException {
    private final String key;

    ResultException(String key, String what, @Nullable Throwable cause) {
        super("the result of " + key + " " + what, cause);
        this.key = key;
    }

    /// The task.
    public String key() {
        return key;
    }
}
