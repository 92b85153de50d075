package io.github.daskjvm.pickle;

import java.io.IOException;

/// A pickle is cut off, damaged, or has something that is not read or written here; the message says what, and at
/// which byte.
public final class PickleFormatException extends IOException {
    PickleFormatException(String message) {
        super(message);
    }

    PickleFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
