package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.monitoring.MetricOptions;
import io.github.daskjvm.monitoring.MonitorOptions;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts a process' HTTP pages where its options and the configuration want them.
final class Dashboard {
    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);
    private static final String PROMETHEUS = "distributed.dashboard.prometheus.";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private Dashboard() {}

    /// A monitor that listens once started.
    interface Starter<M> {
        M start(MonitorOptions options) throws IOException;
    }

    static MonitorOptions options(DaskConfig config, ListenAddress address) {
        try {
            var metrics = new MetricOptions(namespace(config), form(config), config.words(PROMETHEUS + "labels"));
            return new MonitorOptions(address.host(), address.port(), metrics, TlsSettings.dashboard(config));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(
                    "a setting below " + PROMETHEUS + " can not be used: " + e.getMessage(), e);
        }
    }

    /// First part of the names of metrics.
    static String namespace(DaskConfig config) {
        return config.text(PROMETHEUS + "namespace").orElse("dask");
    }

    private static MetricOptions.Form form(DaskConfig config) {
        if (config.flag(PROMETHEUS + "unlabelled")) {
            return MetricOptions.Form.DASK_2019;
        }
        String form = config.text(PROMETHEUS + "form").orElse("today");
        return switch (form) {
            case "today" -> MetricOptions.Form.TODAY;
            case "2022" -> MetricOptions.Form.DASK_2022;
            case "2019" -> MetricOptions.Form.DASK_2019;
            default ->
                throw new IllegalArgumentException(
                        "the form '" + form + "' is not known; 'today', '2022' and '2019' are");
        };
    }

    /// Where the address was not asked for but is the default, a port that is taken is no reason to give up: any free
    /// one does, with a warning, as in Dask.
    ///
    /// @throws CommandFailedException when an address that was asked for can not be had
    static <M> M start(MonitorOptions options, boolean isDefault, Starter<M> starter) {
        try {
            return starter.start(options);
        } catch (IOException e) {
            CommandFailedException failure =
                    BindFailures.explain(e, options.host(), options.port(), "--dashboard-address");
            if (!isDefault) {
                throw failure;
            }
            LOG.warn(
                    "Port {} is already in use. Perhaps you already have a cluster running? Hosting the HTTP server on"
                            + " a free port instead",
                    options.port());
        }
        try {
            return starter.start(options.withPort(0));
        } catch (IOException e) {
            throw BindFailures.explain(e, options.host(), 0, "--dashboard-address");
        }
    }

    /// `distributed.dashboard.link` with its places filled in; those it does not have are environment variables.
    static String link(DaskConfig config, String host, int port) {
        String form = config.text("distributed.dashboard.link").orElse("{scheme}://{host}:{port}/status");
        String scheme = TlsSettings.dashboard(config).isPresent() ? "https" : "http";
        return PLACEHOLDER.matcher(form).replaceAll(place -> {
            String name = place.group(1);
            String variable = System.getenv(name);
            return Matcher.quoteReplacement(
                    switch (name) {
                        case "scheme" -> scheme;
                        case "host" -> host.indexOf(':') >= 0 ? "[" + host + "]" : host;
                        case "port" -> Integer.toString(port);
                        case "prefix" -> "";
                        default -> variable == null ? place.group() : variable;
                    });
        });
    }
}
