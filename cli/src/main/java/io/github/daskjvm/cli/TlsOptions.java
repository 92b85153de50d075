package io.github.daskjvm.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The files that encrypted connections need, all PEM. What is not given here is looked up in the configuration,
/// `distributed.comm.tls`.
final class TlsOptions {
    @Option(
            names = "--tls-ca-file",
            paramLabel = "FILE",
            description = "Certificates of the authority that peers must have theirs from (PEM).")
    @Nullable
    String authority;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Own certificate (PEM); may hold the key too.")
    @Nullable
    String certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Own private key (PEM).")
    @Nullable
    String key;

    boolean isGiven() {
        return authority != null || certificate != null || key != null;
    }
}
