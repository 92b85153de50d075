package io.github.daskjvm.monitoring.otlp;

/// OpenTelemetry's library can not do what its variables ask for; the message says which, and why.
public final class UnusableSettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableSettingsException(RuntimeException cause) {
        super(cause.getMessage(), cause);
    }
}
