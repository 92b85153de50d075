package io.github.daskjvm.monitoring;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Where a monitor listens and how it words its metrics.
///
/// @param host a name or address to listen on; empty for every interface
/// @param port 0 for any free one
/// @param tls answers `https` when given, `distributed.scheduler.dashboard.tls`
public record MonitorOptions(String host, int port, MetricOptions metrics, Optional<SSLContext> tls) {
    /// Dask's names, today's labels, no encryption.
    public static MonitorOptions at(String host, int port) {
        return new MonitorOptions(host, port, MetricOptions.DEFAULT, Optional.empty());
    }

    public MonitorOptions withPort(int other) {
        return new MonitorOptions(host, other, metrics, tls);
    }
}
