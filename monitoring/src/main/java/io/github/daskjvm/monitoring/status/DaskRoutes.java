package io.github.daskjvm.monitoring.status;

import java.util.Map;
import java.util.TreeMap;

/// The paths of Dask's dashboard and where on the page each finds what it stands for.
final class DaskRoutes {
    /// Names of Dask's single plots, without `individual-`, by view. Source: `distributed.dashboard.scheduler`.
    private static final Map<String, String[]> PLOTS = Map.of(
            "overview", new String[] {"progress", "group-progress", "cpu", "scheduler-system", "contention"},
            "tasks",
                    new String[] {
                        "task-stream",
                        "compute-time-per-key",
                        "aggregate-time-per-action",
                        "fine-performance-metrics",
                        "profile",
                        "profile-server"
                    },
            "workers",
                    new String[] {
                        "workers",
                        "nprocessing",
                        "occupancy",
                        "workers-cpu-timeseries",
                        "workers-disk",
                        "workers-disk-timeseries"
                    },
            "memory",
                    new String[] {
                        "workers-memory",
                        "cluster-memory",
                        "memory-by-key",
                        "workers-memory-timeseries",
                        "gpu-memory",
                        "gpu-utilization",
                        "rmm-memory"
                    },
            "transfers",
                    new String[] {
                        "workers-transfer-bytes",
                        "bandwidth-types",
                        "bandwidth-workers",
                        "workers-network",
                        "workers-network-timeseries"
                    },
            "graph", new String[] {"graph", "groups"},
            "events", new String[] {"exceptions"});

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
