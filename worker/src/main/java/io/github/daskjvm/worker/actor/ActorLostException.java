package io.github.daskjvm.worker.actor;

import org.jspecify.annotations.Nullable;

/// The actor is gone, and its state with it: its worker has died or can't be reached, or the last future of it was
/// let go of. Whether a call that was under way took place is not known.
public final class ActorLostException extends ActorException {
    private final String worker;

    public ActorLostException(String key, String worker, String message, @Nullable Throwable cause) {
        super(key, message, cause);
        this.worker = worker;
    }

    /// The address of the worker that had it.
    public String worker() {
        return worker;
    }
}
