package io.github.daskjvm.monitoring;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Where a monitor listens and how it words its metrics.
///
/// @param host a name or address to listen on; empty for every interface
/// @param port 0 for any free one
/// @param namespace first part of each metric's name, `distributed.dashboard.prometheus.namespace`
/// @param unlabelled print `dask_scheduler_workers` and the states of `dask_worker_tasks` as the Dask of 2019 did
/// @param tls answers `https` when given, `distributed.scheduler.dashboard.tls`
public record MonitorOptions(String host, int port, String namespace, boolean unlabelled, Optional<SSLContext> tls) {
    /// @throws IllegalArgumentException for a namespace that can not begin a metric's name
    public MonitorOptions {
        if (!namespace.matches("[a-zA-Z_][a-zA-Z0-9_]*")) {
            throw new IllegalArgumentException("the namespace '" + namespace
                    + "' can not begin the name of a metric; letters, digits and underscores can");
        }
    }

    /// Dask's names, today's labels, no encryption.
    public static MonitorOptions at(String host, int port) {
        return new MonitorOptions(host, port, "dask", false, Optional.empty());
    }
}
