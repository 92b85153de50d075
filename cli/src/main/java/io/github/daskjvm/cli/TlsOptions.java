package io.github.daskjvm.cli;

import io.github.daskjvm.cli.options.Parsed;
import org.jspecify.annotations.Nullable;

/// The files that encrypted connections need, all PEM. What is not given here is looked up in the configuration,
/// `distributed.comm.tls`.
record TlsOptions(
        @Nullable String authority,
        @Nullable String certificate,
        @Nullable String key) {
    static TlsOptions of(Parsed parsed) {
        return new TlsOptions(parsed.text("--tls-ca-file"), parsed.text("--tls-cert"), parsed.text("--tls-key"));
    }

    boolean isGiven() {
        return authority != null || certificate != null || key != null;
    }
}
