package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.comm.Tls;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Which certificates this process shows and trusts: by options, else by Dask's settings.
final class TlsSettings {
    private static final String BASE = "distributed.comm.tls.";
    private static final String DASHBOARD = "distributed.scheduler.dashboard.tls.";

    private TlsSettings() {}

    /// @param role `scheduler`, `worker` or `client`
    /// @throws CommandFailedException when something is missing, or no certificate or key
    static Tls load(DaskConfig config, TlsOptions options, String role) {
        String certificate = first(options.certificate(), config, BASE + role + ".cert");
        if (certificate == null) {
            throw new CommandFailedException("the protocol tls needs a certificate: give --tls-cert, or set " + BASE
                    + role + ".cert in the configuration");
        }
        String authority = first(options.authority(), config, BASE + "ca-file");
        if (authority == null) {
            throw new CommandFailedException("the protocol tls needs the certificate of an authority: give"
                    + " --tls-ca-file, or set " + BASE + "ca-file in the configuration");
        }
        String key = first(options.key(), config, BASE + role + ".key");
        return load(authority, certificate, key);
    }

    /// For HTTPS on the dashboard's address; empty where none is set. Clients need no certificate.
    static Optional<SSLContext> dashboard(DaskConfig config) {
        return config.text(DASHBOARD + "cert")
                .map(certificate -> load(
                                config.text(DASHBOARD + "ca-file").orElse(certificate),
                                certificate,
                                config.text(DASHBOARD + "key").orElse(null))
                        .context());
    }

    private static Tls load(String authority, String certificate, @Nullable String key) {
        try {
            return Tls.fromPem(authority, certificate, key);
        } catch (IOException e) {
            throw new CommandFailedException("the TLS settings can not be used: " + e.getMessage(), e);
        }
    }

    private static @Nullable String first(@Nullable String option, DaskConfig config, String key) {
        return option != null ? option : config.text(key).orElse(null);
    }
}
