package io.github.daskjvm.worker.python;

import java.io.IOException;

/// A value has no counterpart on the other side; the message names its type and says what to return instead.
public final class ConversionException extends IOException {
    public ConversionException(String message) {
        super(message);
    }

    ConversionException(String message, Throwable cause) {
        super(message, cause);
    }
}
