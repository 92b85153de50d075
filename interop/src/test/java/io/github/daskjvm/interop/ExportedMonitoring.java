package io.github.daskjvm.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What `dask-jvm monitoring export` writes for a cluster, and a Prometheus server that is started with it.
final class ExportedMonitoring {
    final Path folder;

    ExportedMonitoring(JvmCluster cluster, Path parent, String... options) {
        this(Map.of("tested", cluster.address()), parent, options);
    }

    /// @param clusters names, with addresses of schedulers or of their pages
    ExportedMonitoring(Map<String, String> clusters, Path parent, String... options) {
        folder = parent.resolve("monitoring" + String.join("", options));
        List<String> arguments = new ArrayList<>(List.of("monitoring", "export", folder.toString()));
        clusters.forEach((name, address) -> arguments.addAll(List.of("--scheduler", address, "--cluster", name)));
        arguments.addAll(List.of(options));
        JvmCluster.run(JvmCluster.command(arguments));
    }

    String read(String path) throws IOException {
        return Files.readString(folder.resolve(path));
    }

    /// The same with seconds where it has minutes, as nobody wants to wait that long: it scrapes every second, and
    /// rules look back ten.
    ExportedMonitoring inAHurry() throws IOException {
        return every("1s", "10s");
    }

    /// The same with other times: how often it scrapes and evaluates, and how far rules look back.
    ExportedMonitoring every(String interval, String window) throws IOException {
        replace("prometheus.yml", "15s", interval);
        replace("rules/dask-records.yml", "\\[\\d+m]", "[" + window + "]");
        replace("rules/dask-records.yml", "interval: 1m", "interval: " + interval);
        replace("rules/dask-alerts.yml", "\\[\\d+m]", "[" + window + "]");
        replace("rules/dask-alerts.yml", "for: \\d+m", "for: " + interval);
        return this;
    }

    private void replace(String path, String pattern, String by) throws IOException {
        String before = read(path);
        String after = before.replaceAll(pattern, by);
        if (after.equals(before)) {
            throw new AssertionError(path + " has no " + pattern);
        }
        Files.writeString(folder.resolve(path), after);
    }

    PrometheusProcess start() {
        return new PrometheusProcess(folder.resolve("prometheus.yml"), folder, List.of());
    }
}
