package io.github.daskjvm.monitoring;

import io.github.daskjvm.monitoring.aggregate.WorkersPage;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.ServiceDiscovery;
import io.github.daskjvm.monitoring.otlp.OtlpPush;
import io.github.daskjvm.monitoring.remote.RemoteScheduler;
import io.github.daskjvm.monitoring.remote.RemoteState;
import io.github.daskjvm.monitoring.remote.RemoteStatus;
import io.github.daskjvm.monitoring.status.StatusPages;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/// Metrics, service discovery and the live page for a cluster whose scheduler is another process: the routes of a
/// [SchedulerMonitor].
public final class RemoteMonitor implements AutoCloseable {
    private final HttpMonitor server;
    private final StatusPages status;
    private final WorkersPage workers;

    private RemoteMonitor(HttpMonitor server, StatusPages status, WorkersPage workers) {
        this.server = server;
        this.status = status;
        this.workers = workers;
    }

    /// Listens when it returns.
    ///
    /// @throws java.net.BindException when the port is taken, or the host is none of this machine's
    public static RemoteMonitor start(MonitorOptions options, RemoteScheduler scheduler) throws IOException {
        MetricOptions metrics = options.metrics();
        var page = MetricsPage.withoutProcess(metrics.namespace(), families -> collect(families, metrics, scheduler));
        Map<String, Page> pages = new HashMap<>();
        pages.put("/metrics", new Page.Dynamic(page::answer));
        pages.put("/health", Page.text(() -> "ok"));
        pages.put("/json/identity.json", json(scheduler, state -> PlainJson.of(state.identity())));
        pages.put("/json/counts.json", json(scheduler, state -> CountsJson.of(state.snapshot())));
        pages.put("/json/index.html", Page.html(Pages::jsonIndex));
        pages.put("/info", new Page.Redirect("/info/main/workers.html"));
        pages.put(
                "/info/main/workers.html",
                Page.html(() -> Pages.workers(scheduler.state().snapshot())));
        var status = new StatusPages(new RemoteStatus(scheduler));
        status.addTo(pages);
        Supplier<ClusterView> cluster = () -> scheduler.state().cluster();
        var workers = new WorkersPage(cluster, metrics.namespace());
        pages.put(WorkersPage.PATH, new Page.Dynamic(workers::answer));
        var discovery = new ServiceDiscovery(cluster, options.tls().isPresent());
        pages.put(ServiceDiscovery.PATH, new Page.Dynamic(discovery::answer));
        try {
            return new RemoteMonitor(HttpMonitor.start(options, pages), status, workers);
        } catch (IOException | RuntimeException e) {
            status.close();
            workers.close();
            throw e;
        }
    }

    /// Sends what `/metrics` shows by OTLP, from now on.
    ///
    /// @throws RuntimeException that says which variable can not be used
    public static OtlpPush push(MetricOptions options, RemoteScheduler scheduler) {
        var renderer =
                FamiliesRenderer.withoutProcess(options.namespace(), families -> collect(families, options, scheduler));
        return OtlpPush.start("dask-monitor", scheduler.address(), renderer::all, Map.of());
    }

    private static void collect(Families families, MetricOptions options, RemoteScheduler scheduler) {
        RemoteFamilies.add(families, options, scheduler.state(), scheduler.address());
    }

    /// 503 while the scheduler does not answer.
    private static Page json(RemoteScheduler scheduler, Function<RemoteState, Object> value) {
        return new Page.Dynamic(request -> {
            RemoteState state = scheduler.state();
            return state.isUp()
                    ? Page.Response.text(200, Page.JSON, Json.write(value.apply(state)))
                    : Page.Response.text(503, Page.JSON, "{\"error\":\"the scheduler does not answer\"}");
        });
    }

    /// The port it listens on, the real one where 0 was asked for.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        status.close();
        server.close();
        workers.close();
    }
}
