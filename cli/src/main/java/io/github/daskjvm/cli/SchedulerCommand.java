package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.HostAndPort;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.NetworkInterfaces;
import io.github.daskjvm.cli.options.Parsed;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the options of `dask-jvm scheduler` say.
final class SchedulerCommand {
    static final String DEFAULT_DASHBOARD = ":8787";

    private final Parsed options;

    /// @throws BadOptionException for values that make no sense
    SchedulerCommand(Parsed options) {
        this.options = options;
    }

    /// Where to listen, all options and settings considered.
    ///
    /// @param host empty for every interface
    record Listen(String protocol, String host, int port) {}

    TlsOptions tls() {
        return TlsOptions.of(options);
    }

    boolean dashboard() {
        return !options.has("--no-dashboard");
    }

    boolean isDefaultDashboard() {
        return !options.has("--dashboard-address");
    }

    @Nullable
    Path schedulerFile() {
        return options.path("--scheduler-file");
    }

    @Nullable
    Path pidFile() {
        return options.path("--pid-file");
    }

    /// As `dask scheduler` puts these options together: TLS options alone mean the protocol `tls`, and so does
    /// `distributed.comm.require-encryption`; a port in the host counts where `--port` is not given.
    ///
    /// @throws BadOptionException for what can not be
    Listen listen(DaskConfig config) {
        HostAndPort given = HostAndPort.parse(options.text("--host", ""));
        String scheme = tls().isGiven() || config.flag("distributed.comm.require-encryption")
                ? "tls"
                : config.text("distributed.comm.default-scheme").orElse("tcp");
        String protocol = options.text("--protocol", given.protocol().orElse(scheme));
        Protocols.check(protocol, config);
        String networkInterface = options.text("--interface");
        if (networkInterface != null && !given.host().isEmpty()) {
            throw new BadOptionException("--host and --interface both say where to listen; give one of them");
        }
        String host = networkInterface == null ? given.host() : NetworkInterfaces.address(networkInterface);
        String port = options.text("--port");
        return new Listen(protocol, host, port == null ? given.port().orElse(8786) : Protocols.port(port));
    }

    ListenAddress dashboardListen() {
        return ListenAddress.parse(options.text("--dashboard-address", DEFAULT_DASHBOARD));
    }

    /// Zero for never.
    Duration idleTimeout(DaskConfig config) {
        String given = options.text("--idle-timeout");
        return given == null
                ? config.duration("distributed.scheduler.idle-timeout").orElse(Duration.ZERO)
                : Durations.option("--idle-timeout", given);
    }
}
