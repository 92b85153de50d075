package io.github.daskjvm.cli.options;

/// An option's value makes no sense. The message, a sentence, says what would.
public final class BadOptionException extends RuntimeException {
    public BadOptionException(String message) {
        super(message);
    }
}
