package io.github.daskjvm.cli.config;

/// A setting that can not be used. The message is one sentence with key, value, where the value came from, and what
/// is expected instead.
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}
