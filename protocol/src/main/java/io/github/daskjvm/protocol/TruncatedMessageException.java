package io.github.daskjvm.protocol;

import java.io.EOFException;

/// The stream ended inside a message: the peer broke off, or claimed more than it sent.
public final class TruncatedMessageException extends EOFException {
    public TruncatedMessageException(String message) {
        super(message);
    }
}
