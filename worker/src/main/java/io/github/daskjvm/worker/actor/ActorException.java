package io.github.daskjvm.worker.actor;

import org.jspecify.annotations.Nullable;

/// A call of an actor that came to nothing, or whose method threw what the interface does not declare; that is the
/// cause then. What the interface declares, and unchecked exceptions, are thrown as they are; an exception of this
/// class is among their suppressed ones, to say where the call was made.
public class ActorException extends RuntimeException {
    private final String key;

    public ActorException(String key, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.key = key;
    }

    /// The actor's key.
    public final String key() {
        return key;
    }
}
