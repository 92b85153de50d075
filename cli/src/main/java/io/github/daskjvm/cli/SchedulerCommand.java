package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.HostAndPort;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.NetworkInterfaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `dask-jvm scheduler`, with the options of `dask scheduler`.
@Command(
        name = "scheduler",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts a Dask scheduler. Stock Python clients and workers connect to it, and JVM ones.",
            "",
            "Dask's configuration is read where Dask reads it: DASK_... variables and YAML files.",
            ""
        })
final class SchedulerCommand implements Callable<Integer> {
    static final String DEFAULT_DASHBOARD = ":8787";

    @Option(names = "--host", paramLabel = "HOST", description = "Name, address or URI to listen on; default: all.")
    String host = "";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on, 0 for any; default: 8786.")
    @Nullable
    String port;

    @Option(names = "--interface", paramLabel = "NAME", description = "Network interface to listen on, such as eth0.")
    @Nullable
    String networkInterface;

    @Option(names = "--protocol", paramLabel = "PROTOCOL", description = "tcp or tls.")
    @Nullable
    String protocol;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Option(
            names = "--dashboard-address",
            paramLabel = "ADDRESS",
            description = "Where to serve metrics and pages: :8787 (the default), host:port, or :0 for any port.")
    @Nullable
    String dashboardAddress;

    @Option(
            names = "--dashboard",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Serve metrics and pages over HTTP; default: yes.")
    boolean dashboard = true;

    @Option(
            names = "--scheduler-file",
            paramLabel = "FILE",
            description = "File to write the address to, for workers and clients that read it.")
    @Nullable
    Path schedulerFile;

    @Option(names = "--pid-file", paramLabel = "FILE", description = "File to write the process id to.")
    @Nullable
    Path pidFile;

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            description = "End after so long without work, such as '1h'; default: never.")
    @Nullable
    String idleTimeout;

    @Option(names = "--no-jupyter", hidden = true, description = "There is no Jupyter server here anyway.")
    boolean noJupyter;

    @Option(names = "--no-show", hidden = true, description = "No browser is opened anyway.")
    boolean noShow;

    /// Where to listen, all options and settings considered.
    ///
    /// @param host empty for every interface
    record Listen(String protocol, String host, int port) {}

    @Override
    public Integer call() throws Exception {
        return SchedulerProcess.run(this, DaskConfig.load());
    }

    /// As `dask scheduler` puts these options together: TLS options alone mean the protocol `tls`, and a port in the
    /// host counts where `--port` is not given.
    ///
    /// @throws BadOptionException for what can not be
    Listen listen(DaskConfig config) {
        HostAndPort given = HostAndPort.parse(host);
        String chosen = protocol != null
                ? protocol
                : given.protocol()
                        .orElse(
                                tls.isGiven()
                                        ? "tls"
                                        : config.text("distributed.comm.default-scheme")
                                                .orElse("tcp"));
        Protocols.check(chosen, config);
        if (networkInterface != null && !given.host().isEmpty()) {
            throw new BadOptionException("--host and --interface both say where to listen; give one of them");
        }
        String where = networkInterface == null ? given.host() : NetworkInterfaces.address(networkInterface);
        int number = port == null ? given.port().orElse(8786) : Protocols.port(port);
        return new Listen(chosen, where, number);
    }

    ListenAddress dashboardListen() {
        return ListenAddress.parse(dashboardAddress == null ? DEFAULT_DASHBOARD : dashboardAddress);
    }

    /// Zero for never.
    Duration idleTimeout(DaskConfig config) {
        return idleTimeout == null
                ? config.duration("distributed.scheduler.idle-timeout").orElse(Duration.ZERO)
                : Durations.option("--idle-timeout", idleTimeout);
    }
}
