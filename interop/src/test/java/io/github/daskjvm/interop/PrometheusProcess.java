package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A Prometheus server from the `PATH` with a given configuration, and what its HTTP API answers.
class PrometheusProcess implements AutoCloseable {
    private static final Pattern VALUE = Pattern.compile("\"value\":\\[[^,]+,\"([^\"]*)\"]");

    private static final Pattern METRIC = Pattern.compile("\"metric\":(\\{[^}]*})");

    private final Path folder;
    private final int port = JvmCluster.freePort();
    private final Process process;

    static Optional<String> find(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /// @param folder for its data and its log
    /// @param features what is switched on with `--enable-feature`; with `native-histograms` it asks for protobuf,
    ///     otherwise for OpenMetrics
    PrometheusProcess(Path configuration, Path folder, List<String> features) {
        this.folder = folder;
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

    private String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /// What its API answers on this path, with the parameters given.
    String api(String path, String parameter, String value) {
        return JvmCluster.get(url(path + "?" + parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    }

    /// What it has complained of so far.
    String complaints() throws IOException {
        return Files.readString(folder.resolve("prometheus.log"));
    }

    /// What an instant query gives: a value for each series.
    List<Double> values(String expression) {
        return VALUE.matcher(api("/api/v1/query", "query", expression))
                .results()
                .map(value -> number(value.group(1)))
                .toList();
    }

    /// What an instant query gives: the labels of each series as Prometheus writes them, `{"cluster":"a"}`.
    List<String> labels(String expression) {
        return METRIC.matcher(api("/api/v1/query", "query", expression))
                .results()
                .map(metric -> metric.group(1))
                .toList();
    }

    /// The labels of each series that a graph of the last seconds would have, with a point every so many.
    List<String> range(String expression, int seconds, int step) {
        long now = System.currentTimeMillis() / 1000;
        String path = "/api/v1/query_range?start=%d&end=%d&step=%d&query=%s"
                .formatted(now - seconds, now, step, URLEncoder.encode(expression, StandardCharsets.UTF_8));
        return METRIC.matcher(JvmCluster.get(url(path)))
                .results()
                .map(metric -> metric.group(1))
                .toList();
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /// What an instant query gives; nothing, if no series matches. A query that gives more than one value is a mistake.
    OptionalDouble query(String expression) {
        List<Double> values = values(expression);
        assertThat(values).as("%s gives one value or none", expression).hasSizeLessThan(2);
        return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(values.getFirst());
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
