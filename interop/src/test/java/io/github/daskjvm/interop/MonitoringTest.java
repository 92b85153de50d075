package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Prometheus server, started with what `dask-jvm monitoring export` wrote, scrapes a cluster at work: JVM
/// workers and, where stock Dask has been made, a Python worker that spills. Then every query of the dashboard has an
/// answer, and no text that is exported names a metric that is not there. Needs `prometheus` on the `PATH`.
@Timeout(300)
class MonitoringTest {
    private static final Pattern NAME = Pattern.compile("(?<![\\w:.-])((?:\\w+:)?(?:dask|jvm|process)_\\w+(?::\\w+)?)");
    private static final Pattern RECORD = Pattern.compile("- record: (\\S+)");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)[{ ]");

    private static JvmCluster cluster;
    private static ExportedMonitoring exported;
    private static PrometheusProcess prometheus;
    private static Load load;
    private static final List<Process> PYTHON = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(PrometheusProcess.find("prometheus").isPresent(), "no prometheus on the PATH");
        cluster = new JvmCluster(folder);
        exported = new ExportedMonitoring(cluster, folder).inAHurry();
        prometheus = exported.start();
        cluster.addWorker("w0");
        cluster.addWorker("w1");
        boolean withPython = StockDask.isThere();
        if (withPython) {
            PYTHON.add(StockDask.spillingWorker(cluster.address(), folder.resolve("python.log")));
            PYTHON.add(StockDask.load(cluster.address(), folder.resolve("load.log")));
        }
        load = new Load(cluster.address());
        prometheus.await("sum(up{cluster='tested', kind='worker'})", withPython ? 3 : 2);
    }

    @AfterAll
    static void stop() throws Exception {
        if (load != null) {
            load.close();
        }
        for (Process process : PYTHON.reversed()) {
            process.destroyForcibly().waitFor();
        }
        if (prometheus != null) {
            prometheus.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void everyQueryOfTheDashboardHasAnAnswer() throws Exception {
        List<String> expressions = expressions();
        assertThat(expressions).hasSizeGreaterThan(60);
        for (String expression : expressions) {
            String query = filledIn(expression, ".*");
            JvmCluster.await(
                    "there is an answer to " + query,
                    () -> prometheus.values(query).stream().anyMatch(value -> !Double.isNaN(value)));
        }
    }

    @Test
    void aClusterThatIsNotSelectedIsNotShown() throws Exception {
        for (String expression : expressions()) {
            // What stands for nothing is 0.
            assertThat(prometheus.values(filledIn(expression, "another")))
                    .as(expression)
                    .allMatch(value -> value == 0)
                    .hasSizeLessThan(2);
        }
    }

    @Test
    void everyListToSelectFromHasValues() throws Exception {
        int lists = 0;
        for (Map<String, Object> variable :
                list(map(dashboard().get("templating")).get("list"))) {
            Matcher query = LABEL_VALUES.matcher(String.valueOf(variable.get("definition")));
            if (query.matches()) {
                lists++;
                String label = query.group(2);
                String series = filledIn(query.group(1), ".*");
                // Without the series that lack the label.
                String values = "group by (%s) (%s) unless on (%s) vector(1)".formatted(label, series, label);
                JvmCluster.await(
                        "there is a " + label + " to select",
                        () -> !prometheus.values(values).isEmpty());
            }
        }
        assertThat(lists).isEqualTo(3);
    }

    @Test
    void everyRecordedSeriesIsThere() throws Exception {
        Matcher records = RECORD.matcher(exported.read("rules/dask-records.yml"));
        int count = 0;
        while (records.find()) {
            count++;
            String name = records.group(1);
            JvmCluster.await("there is " + name, () -> !prometheus.values(name).isEmpty());
        }
        assertThat(count).isGreaterThan(10);
    }

    @Test
    void noMetricIsNamedThatIsNotThere() throws Exception {
        Set<String> named = new TreeSet<>();
        for (String path : List.of(
                "grafana/dashboards/dask.json",
                "rules/dask-records.yml",
                "rules/dask-alerts.yml",
                "kubernetes/prometheusrule.yaml",
                "docs/runbook.md")) {
            NAME.matcher(exported.read(path))
                    .results()
                    .map(found -> found.group(1))
                    .forEach(named::add);
        }
        assertThat(named)
                .hasSizeGreaterThan(60)
                .contains("dask_worker_up", "cluster:dask_scheduler_workers:sum", "jvm_memory_used_bytes");
        JvmCluster.await(
                "recorded series are there", () -> missing(named).stream().noneMatch(name -> name.contains(":")));
        assertThat(missing(named)).isEmpty();
    }

    private static Set<String> missing(Set<String> named) {
        Set<String> missing = new TreeSet<>(named);
        // With via=scheduler that page is scraped instead of the workers'.
        String viaScheduler = JvmCluster.get("http://127.0.0.1:" + cluster.dashboardPort() + "/metrics/workers");
        SAMPLE.matcher(viaScheduler).results().forEach(sample -> missing.remove(sample.group(1)));
        missing.removeIf(name -> !prometheus.values("group(" + name + ")").isEmpty());
        return missing;
    }

    private static String filledIn(String expression, String selected) {
        return expression.replace("$__rate_interval", "10s").replaceAll("\\$\\w+", selected);
    }

    private static List<String> expressions() throws Exception {
        List<String> expressions = new ArrayList<>();
        for (Map<String, Object> panel : list(dashboard().get("panels"))) {
            if (panel.get("targets") != null) {
                list(panel.get("targets")).forEach(target -> expressions.add((String) target.get("expr")));
            }
        }
        return expressions;
    }

    private static Map<String, Object> dashboard() throws Exception {
        return JSON.std.mapFrom(exported.read("grafana/dashboards/dask.json"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Object value) {
        return (List<Map<String, Object>>) value;
    }
}
