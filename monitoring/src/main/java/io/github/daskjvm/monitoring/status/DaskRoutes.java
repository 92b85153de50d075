package io.github.daskjvm.monitoring.status;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The paths of Dask's dashboard and where on the page each finds what it stands for.
final class DaskRoutes {
    /// Names of Dask's single plots, without `individual-`, by where each leads. Source:
    /// `distributed.dashboard.scheduler`.
    private static final Map<String, List<String>> PLOTS = Map.ofEntries(
            Map.entry("only/progress", List.of("progress", "group-progress")),
            Map.entry("only/task-stream", List.of("task-stream", "aggregate-time-per-action")),
            Map.entry("only/time-by-prefix", List.of("compute-time-per-key", "fine-performance-metrics")),
            Map.entry("only/workers", List.of("workers")),
            Map.entry("only/cpu", List.of("cpu")),
            Map.entry("only/occupancy", List.of("occupancy")),
            Map.entry("only/nprocessing", List.of("nprocessing")),
            Map.entry("only/cpu-over-time", List.of("workers-cpu-timeseries")),
            Map.entry("only/workers-memory", List.of("workers-memory")),
            Map.entry("only/memory-over-time", List.of("cluster-memory", "workers-memory-timeseries")),
            Map.entry("only/memory-by-key", List.of("memory-by-key")),
            Map.entry("only/network", List.of("workers-network", "workers-network-timeseries")),
            Map.entry("only/links", List.of("bandwidth-workers", "workers-transfer-bytes")),
            Map.entry("only/transfers", List.of("bandwidth-types")),
            Map.entry("only/graph", List.of("graph", "groups")),
            Map.entry("only/exceptions", List.of("exceptions")),
            // What there is no part for.
            Map.entry("overview", List.of("scheduler-system", "contention")),
            Map.entry("tasks", List.of("profile", "profile-server")),
            Map.entry("workers", List.of("workers-disk", "workers-disk-timeseries")),
            Map.entry("memory", List.of("gpu-memory", "gpu-utilization", "rmm-memory")));

    private static final Map<String, String> PAGES = Map.ofEntries(
            Map.entry("/workers", "workers"),
            Map.entry("/tasks", "tasks"),
            Map.entry("/system", "overview"),
            Map.entry("/hardware", "overview"),
            Map.entry("/counters", "overview"),
            Map.entry("/profile", "tasks"),
            Map.entry("/profile-server", "tasks"),
            Map.entry("/stealing", "workers"),
            Map.entry("/shuffle", "transfers"),
            Map.entry("/gpu", "workers"),
            Map.entry("/graph", "graph"),
            Map.entry("/groups", "graph"),
            Map.entry("/events", "events"),
            Map.entry("/exceptions", "events"),
            Map.entry("/info/main/events.html", "events"),
            Map.entry("/info/main/exceptions.html", "events"));

    static final Map<String, String> REDIRECTS = redirects();

    private DaskRoutes() {}

    private static Map<String, String> redirects() {
        Map<String, String> redirects = new TreeMap<>();
        PAGES.forEach((path, view) -> redirects.put(path, "/status#/" + view));
        PLOTS.forEach((view, names) -> {
            for (String name : names) {
                redirects.put("/individual-" + name, "/status#/" + view);
            }
        });
        return redirects;
    }

    /// Path by name, as Dask words it: `Individual Task Stream`.
    static Map<String, String> individualPlots() {
        Map<String, String> plots = new TreeMap<>();
        for (String path : REDIRECTS.keySet()) {
            if (path.startsWith("/individual-")) {
                var name = new StringBuilder();
                for (String word : path.substring(1).split("-")) {
                    name.append(name.isEmpty() ? "" : " ")
                            .append(Character.toUpperCase(word.charAt(0)))
                            .append(word.substring(1));
                }
                plots.put(
                        name.toString()
                                .replace("Cpu", "CPU")
                                .replace("Gpu", "GPU")
                                .replace("Rmm", "RMM"),
                        path);
            }
        }
        return plots;
    }
}
