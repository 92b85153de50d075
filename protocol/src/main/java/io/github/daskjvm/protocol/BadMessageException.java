package io.github.daskjvm.protocol;

import java.io.IOException;

/// What a peer sent cannot be read as Dask's protocol, or lacks something. The text says what was wrong and,
/// where there is something to do, what to do; it is meant for the peer's log and for ours.
public class BadMessageException extends IOException {
    public BadMessageException(String message) {
        super(message);
    }

    public BadMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
