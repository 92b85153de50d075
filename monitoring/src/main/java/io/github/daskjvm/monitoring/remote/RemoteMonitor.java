package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.monitoring.HttpMonitor;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.Page;
import io.github.daskjvm.monitoring.aggregate.WorkersPage;
import io.github.daskjvm.monitoring.discovery.ServiceDiscovery;
import java.io.IOException;
import java.util.Map;

/// Metrics and service discovery for a cluster whose scheduler is another process.
public final class RemoteMonitor implements AutoCloseable {
    private final HttpMonitor server;
    private final WorkersPage workers;

    private RemoteMonitor(HttpMonitor server, WorkersPage workers) {
        this.server = server;
        this.workers = workers;
    }

    /// Listens when it returns.
    ///
    /// @throws java.net.BindException when the port is taken, or the host is none of this machine's
    public static RemoteMonitor start(MonitorOptions options, RemoteScheduler scheduler) throws IOException {
        var workers = new WorkersPage(
                () -> scheduler.state().cluster(), options.metrics().namespace());
        var discovery = new ServiceDiscovery(
                () -> scheduler.state().cluster(), options.tls().isPresent());
        HttpMonitor server = HttpMonitor.start(
                options,
                Map.of(
                        "/metrics",
                        new Page.Content(
                                WorkersPage.CONTENT_TYPE,
                                () -> RemoteFamilies.page(options.metrics().namespace(), scheduler.state())),
                        WorkersPage.PATH,
                        new Page.Dynamic(workers::answer),
                        ServiceDiscovery.PATH,
                        new Page.Dynamic(discovery::answer),
                        "/health",
                        Page.text(() -> "ok")));
        return new RemoteMonitor(server, workers);
    }

    /// The port it listens on, the real one where 0 was asked for.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
        workers.close();
    }
}
