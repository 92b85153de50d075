package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;

/// Which protocols and ports there are.
final class Protocols {
    private static final String TLS = "distributed.comm.tls.";

    private Protocols() {}

    /// @throws BadOptionException when it is not spoken here, or the configuration forbids it
    static void check(String protocol, DaskConfig config) {
        if (!protocol.equals("tcp") && !protocol.equals("tls")) {
            throw new BadOptionException("the protocol '" + protocol + "' is not spoken here; tcp and tls are");
        }
        if (protocol.equals("tcp") && config.flag("distributed.comm.require-encryption")) {
            throw new BadOptionException("distributed.comm.require-encryption is set, which forbids the protocol"
                    + " tcp; give --protocol tls with --tls-ca-file, --tls-cert and --tls-key");
        }
        if (protocol.equals("tls")) {
            checkVersions(config);
        }
    }

    /// A setting that asks for more safety than there is must not be passed over.
    private static void checkVersions(DaskConfig config) {
        if (config.text(TLS + "ciphers").isPresent()) {
            throw new BadOptionException(TLS + "ciphers is set, but an OpenSSL cipher string means nothing to"
                    + " Java; use the security property jdk.tls.disabledAlgorithms instead");
        }
        for (String end : new String[] {"min-version", "max-version"}) {
            double version = config.positive(TLS + end).orElse(end.startsWith("min") ? 1.2 : 1.3);
            if (version != (end.startsWith("min") ? 1.2 : 1.3)) {
                throw new BadOptionException(
                        TLS + end + " is " + version + ", but TLS 1.2 and 1.3 are what is offered here");
            }
        }
    }

    /// @throws BadOptionException when the text is no port
    static int port(String text) {
        if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
            return Integer.parseInt(text);
        }
        throw new BadOptionException(
                "'" + text + "' is no port; it must be a number up to 65535, or 0 for any free one");
    }
}
