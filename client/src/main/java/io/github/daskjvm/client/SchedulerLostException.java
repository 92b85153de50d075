package io.github.daskjvm.client;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/// The connection to the scheduler broke. A scheduler forgets what a client wanted that it loses, so all futures
/// of that connection end with this; and so does what is submitted once the client has given up looking for the
/// scheduler, see [ClientOptions#timeout].
public final class SchedulerLostException extends CancellationException {
    private final @Nullable String key;

    SchedulerLostException(String reason) {
        this(null, reason);
    }

    SchedulerLostException(@Nullable String key, String reason) {
        super(reason);
        this.key = key;
    }

    /// The task whose future was asked; empty where it is no future that failed, but what was to be submitted.
    public Optional<String> key() {
        return Optional.ofNullable(key);
    }
}
