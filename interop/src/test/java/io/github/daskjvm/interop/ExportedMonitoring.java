package io.github.daskjvm.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `dask-jvm monitoring export` writes for a cluster, and a Prometheus server that is started with it.
final class ExportedMonitoring {
    final Path folder;

    ExportedMonitoring(JvmCluster cluster, Path parent, String... options) {
        folder = parent.resolve("monitoring" + String.join("", options));
        List<String> arguments = new ArrayList<>(List.of("monitoring", "export", folder.toString()));
        arguments.addAll(List.of("--scheduler", cluster.address(), "--cluster", "tested"));
        arguments.addAll(List.of(options));
        JvmCluster.run(JvmCluster.command(arguments));
    }

    String read(String path) throws IOException {
        return Files.readString(folder.resolve(path));
    }

    /// The same with seconds where it has minutes, as nobody wants to wait that long: it scrapes every second, and
    /// rules look back ten.
    ExportedMonitoring inAHurry() throws IOException {
        replace("prometheus.yml", "15s", "1s");
        replace("rules/dask-records.yml", "\\[\\d+m]", "[10s]");
        replace("rules/dask-alerts.yml", "\\[\\d+m]", "[10s]");
        replace("rules/dask-alerts.yml", "for: \\d+m", "for: 1s");
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
