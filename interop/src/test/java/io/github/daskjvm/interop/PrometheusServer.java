package io.github.daskjvm.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Prometheus server that scrapes a cluster every second.
final class PrometheusServer extends PrometheusProcess {
    private final JvmCluster cluster;
    private final Path targets;
    private final List<String> others = new ArrayList<>();

    PrometheusServer(JvmCluster cluster, Path folder) throws IOException {
        this(cluster, folder, List.of());
    }

    /// @param features what is switched on with `--enable-feature`
    PrometheusServer(JvmCluster cluster, Path folder, List<String> features) throws IOException {
        Path list = folder.resolve("targets.json");
        write(list, cluster, List.of());
        super(configuration(folder, list), folder, features);
        this.cluster = cluster;
        targets = list;
    }

    private static Path configuration(Path folder, Path targets) throws IOException {
        Path configuration = folder.resolve("prometheus.yml");
        Files.writeString(configuration, """
                global:
                  scrape_interval: 1s
                scrape_configs:
                  - job_name: dask
                    file_sd_configs:
                      - files: ['%s']
                        refresh_interval: 1s
                """.formatted(targets));
        return configuration;
    }

    /// Tells Prometheus which processes there are now.
    void targetsChanged() throws IOException {
        write(targets, cluster, others);
    }

    private static void write(Path targets, JvmCluster cluster, List<String> others) throws IOException {
        String entries = Stream.of(
                        Stream.of(entry("scheduler", cluster.dashboardPort())),
                        cluster.workers().entrySet().stream()
                                .map(e -> entry(e.getKey(), e.getValue().dashboardPort())),
                        others.stream())
                .flatMap(each -> each)
                .collect(Collectors.joining(",", "[", "]"));
        // Moved into place, so that it never reads half a file.
        Path fresh = targets.resolveSibling("targets.new");
        Files.writeString(fresh, entries);
        Files.move(fresh, targets, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Scrapes this in addition, as the node `name`.
    void alsoScrapes(String name, int otherPort) throws IOException {
        others.add(entry(name, otherPort));
        targetsChanged();
    }

    private static String entry(String name, int port) {
        return "{\"targets\": [\"127.0.0.1:%d\"], \"labels\": {\"node\": \"%s\"}}".formatted(port, name);
    }
}
