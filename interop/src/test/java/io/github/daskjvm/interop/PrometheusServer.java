package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Prometheus server from the `PATH` that scrapes a cluster every second, and what its HTTP API answers.
final class PrometheusServer implements AutoCloseable {
    private static final Pattern VALUE = Pattern.compile("\"value\":\\[[^,]+,\"([^\"]*)\"]");

    private final JvmCluster cluster;
    private final Path folder;
    private final Path targets;
    private final List<String> others = new ArrayList<>();
    private final int port = JvmCluster.freePort();
    private final Process process;

    static Optional<String> find(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    PrometheusServer(JvmCluster cluster, Path folder) throws IOException {
        this(cluster, folder, List.of());
    }

    /// @param features what is switched on with `--enable-feature`; with `native-histograms` it asks for protobuf,
    ///     otherwise for OpenMetrics
    PrometheusServer(JvmCluster cluster, Path folder, List<String> features) throws IOException {
        this.cluster = cluster;
        this.folder = folder;
        targets = folder.resolve("targets.json");
        targetsChanged();
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
        List<String> command = new ArrayList<>(List.of(
                find("prometheus").orElseThrow(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn"));
        if (!features.isEmpty()) {
            command.add("--enable-feature=" + String.join(",", features));
        }
        process = JvmCluster.launch(command, folder.resolve("prometheus.log"));
        JvmCluster.await(
                "Prometheus is ready", () -> JvmCluster.get(url("/-/ready")).contains("Ready"));
    }

    /// Tells Prometheus which processes there are now.
    void targetsChanged() throws IOException {
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

    /// What its API answers on this path, with the parameters given.
    String api(String path, String parameter, String value) {
        return JvmCluster.get(url(path + "?" + parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    }

    /// What it has complained of so far.
    String complaints() throws IOException {
        return Files.readString(folder.resolve("prometheus.log"));
    }

    /// Scrapes this in addition, as the node `name`.
    void alsoScrapes(String name, int otherPort) throws IOException {
        others.add(entry(name, otherPort));
        targetsChanged();
    }

    private static String entry(String name, int port) {
        return "{\"targets\": [\"127.0.0.1:%d\"], \"labels\": {\"node\": \"%s\"}}".formatted(port, name);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /// What an instant query gives; nothing, if no series matches. A query that gives more than one value is a mistake.
    OptionalDouble query(String expression) {
        String reply =
                JvmCluster.get(url("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)));
        var values = VALUE.matcher(reply).results().toList();
        assertThat(values)
                .as("%s gives one value or none: %s", expression, reply)
                .hasSizeLessThan(2);
        return values.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Double.parseDouble(values.getFirst().group(1)));
    }

    /// Waits until the query gives this.
    void await(String expression, double expected) {
        await(expression, expected + "", value -> value == expected);
    }

    /// Waits until the query gives what satisfies the condition.
    void await(String expression, String wanted, DoublePredicate condition) {
        var last = new OptionalDouble[] {OptionalDouble.empty()};
        try {
            JvmCluster.await("", () -> {
                last[0] = query(expression);
                return last[0].isPresent() && condition.test(last[0].getAsDouble());
            });
        } catch (AssertionError e) {
            throw new AssertionError(expression + " never was " + wanted + "; at last " + last[0], e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
