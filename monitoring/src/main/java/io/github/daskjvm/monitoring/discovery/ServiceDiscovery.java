package io.github.daskjvm.monitoring.discovery;

import io.github.daskjvm.monitoring.Json;
import io.github.daskjvm.monitoring.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What Prometheus' HTTP service discovery asks for: the scheduler and every worker that serves metrics.
///
/// The form is Prometheus' (`<http_sd_config>`): an array of `{"targets": [...], "labels": {...}}`. Labels that begin
/// with `__meta_dask_` are for relabelling and go before samples are stored. Two stay: `kind`, which is `scheduler` or
/// `worker`, and `worker`, a worker's address, which the samples of `/metrics/workers` have too.
///
/// With `?via=scheduler` there is one target for all workers: `/metrics/workers` of whoever answers, for workers
/// that Prometheus can not reach.
public final class ServiceDiscovery {
    public static final String PATH = "/prometheus/sd";

    private static final String META = "__meta_dask_";
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");

    private final Supplier<ClusterView> cluster;
    private final boolean https;

    /// @param cluster asked at each request, by any thread
    /// @param https whether these pages are served encrypted
    public ServiceDiscovery(Supplier<ClusterView> cluster, boolean https) {
        this.cluster = cluster;
        this.https = https;
    }

    public Page.Response answer(Page.Request request) {
        String via = request.query().getOrDefault("via", "direct");
        ClusterView view = cluster.get();
        List<Map<String, ?>> targets = new ArrayList<>();
        String own = own(request.header("Host"), view);
        switch (via) {
            case "direct" -> {
                targets.add(target(own, own(view, "scheduler")));
                for (WorkerView worker : view.workers()) {
                    if (worker.dashboardPort() > 0 && !worker.host().isEmpty()) {
                        targets.add(
                                target(Values.authority(worker.host(), worker.dashboardPort()), labels(view, worker)));
                    }
                }
            }
            case "scheduler" -> {
                targets.add(target(own, own(view, "scheduler")));
                Map<String, String> workers = own(view, "worker");
                workers.put("__metrics_path__", "/metrics/workers");
                targets.add(target(own, workers));
            }
            default -> {
                return Page.Response.text(
                        400, Page.TEXT, "400: via is '" + via + "'; it may be direct (the default) or scheduler");
            }
        }
        return Page.Response.text(200, Page.JSON, Json.write(targets));
    }

    private static Map<String, ?> target(String authority, Map<String, String> labels) {
        Map<String, Object> target = new LinkedHashMap<>();
        target.put("targets", List.of(authority));
        target.put("labels", labels);
        return target;
    }

    private Map<String, String> own(ClusterView view, String kind) {
        Map<String, String> labels = common(view, kind);
        labels.put("__scheme__", https ? "https" : "http");
        return labels;
    }

    private static Map<String, String> labels(ClusterView view, WorkerView worker) {
        Map<String, String> labels = common(view, "worker");
        labels.put("worker", worker.address());
        labels.put(META + "worker", worker.address());
        labels.put(META + "worker_name", worker.name());
        labels.put(META + "host", worker.host());
        labels.put(META + "runtime", worker.runtime());
        labels.put(META + "status", worker.status());
        labels.put(META + "nthreads", Integer.toString(worker.nthreads()));
        return labels;
    }

    private static Map<String, String> common(ClusterView view, String kind) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("kind", kind);
        labels.put(META + "kind", kind);
        labels.put(META + "cluster", view.address());
        labels.put(META + "scheduler_id", view.id());
        return labels;
    }

    /// Where whoever asks reaches these pages: by the name that it used, which is more than an address of this machine
    /// that may be private.
    private String own(@Nullable String hostHeader, ClusterView view) {
        if (hostHeader != null && AUTHORITY.matcher(hostHeader).matches()) {
            boolean withPort = hostHeader.lastIndexOf(':') > hostHeader.lastIndexOf(']');
            return withPort ? hostHeader : hostHeader + (https ? ":443" : ":80");
        }
        return Values.authority(Values.hostOf(view.address()), view.dashboardPort());
    }
}
