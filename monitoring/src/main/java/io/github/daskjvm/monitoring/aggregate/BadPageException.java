package io.github.daskjvm.monitoring.aggregate;

import java.io.IOException;

/// What a worker gave as its metrics is none, or too much.
final class BadPageException extends IOException {
    BadPageException(String message) {
        super(message);
    }
}
