package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class MonitoringExportTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    private int export(String... options) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("monitoring", "export", folder.toString()));
        arguments.addAll(Arrays.asList(options));
        return DaskJvm.execute(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments.toArray(String[]::new));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private Map<?, ?> yaml(String path) throws IOException {
        var load = new Load(LoadSettings.builder().build());
        return (Map<?, ?>) load.loadFromString(Files.readString(folder.resolve(path)));
    }

    @Test
    void everyFileIsWhatItsReaderExpects() throws Exception {
        assertThat(export("--scheduler", "http://10.0.0.1:8787/status", "--scheduler", "10.0.0.2"))
                .as(err())
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("README.txt", "grafana/dashboards/dask.json");
        assertThat(yaml("prometheus.yml").get("scrape_configs"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .extracting(job -> ((Map<?, ?>) job).get("job_name"))
                .isEqualTo(List.of("dask-10.0.0.1:8787", "dask-10.0.0.2:8787"));
        assertThat(yaml("kubernetes/servicemonitor.yaml").get("kind")).isEqualTo("ServiceMonitor");
        assertThat(yaml("kubernetes/podmonitor.yaml").get("kind")).isEqualTo("PodMonitor");
        List<Object> groups = new ArrayList<>();
        for (String rules : List.of("rules/dask-records.yml", "rules/dask-alerts.yml")) {
            groups.addAll((List<?>) yaml(rules).get("groups"));
        }
        Map<?, ?> resource = yaml("kubernetes/prometheusrule.yaml");
        assertThat(resource.get("kind")).isEqualTo("PrometheusRule");
        assertThat(resource.get("spec")).isEqualTo(Map.of("groups", groups));
        for (String kind : List.of("dashboards", "datasources")) {
            assertThat(yaml("grafana/provisioning/" + kind + "/dask.yml").get("apiVersion"))
                    .isEqualTo(1);
        }
    }

    @Test
    void filesThatWereChangedAreNamedAndKept() throws Exception {
        assertThat(export("--cluster", "mine")).isZero();
        Path configuration = folder.resolve("prometheus.yml");
        Files.writeString(configuration, "mine");
        assertThat(export("--cluster", "mine")).isEqualTo(1);
        assertThat(err()).contains("prometheus.yml", "--force").doesNotContain("rules");
        assertThat(configuration).hasContent("mine");
        assertThat(export("--cluster", "mine", "--force")).isZero();
        assertThat(Files.readString(configuration)).contains("replacement: 'mine'");
    }

    @Test
    void aSchedulerThatDoesNotAnswerIsNamedWithWhatToGiveInstead() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(export("--scheduler", "tcp://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(err()).contains("tcp://127.0.0.1:" + port, "such as http://127.0.0.1:8787");
        assertThat(folder).isEmptyDirectory();
    }
}
