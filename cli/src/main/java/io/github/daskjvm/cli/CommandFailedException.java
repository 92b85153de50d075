package io.github.daskjvm.cli;

/// The command can not do its work, for a reason that its message, one sentence, tells the person who started it.
final class CommandFailedException extends RuntimeException {
    CommandFailedException(String message) {
        super(message);
    }

    CommandFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
