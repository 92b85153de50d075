package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
    private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)[{ ]");

    private static final Pattern HEALTHY = Pattern.compile("\"health\":\"ok\"");

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
        List<ExportedDashboard.Query> queries = new ExportedDashboard(exported).queries();
        assertThat(queries).hasSizeGreaterThan(60);
        for (ExportedDashboard.Query each : queries) {
            String query = each.with(ExportedDashboard.ALL, ExportedDashboard.ALL);
            JvmCluster.await(
                    "there is an answer to " + query,
                    () -> prometheus.values(query).stream().anyMatch(value -> !Double.isNaN(value)));
        }
    }

    @Test
    void fiftyClustersAreDrawnInFewLines(@TempDir Path folder) throws Exception {
        // The same cluster under fifty names: for Prometheus that is fifty clusters.
        Map<String, String> fifty = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            fifty.put("c" + i, "http://127.0.0.1:" + cluster.dashboardPort());
        }
        ExportedMonitoring monitoring = new ExportedMonitoring(fifty, folder).every("5s", "20s");
        try (PrometheusProcess many = monitoring.start()) {
            many.await("count(count by (cluster) (cluster:dask_scheduler_loop_busy:ratio_rate5m))", 50);
            many.await("count(up{kind='worker'} == 1)", "100 or more", count -> count >= 100);
            for (ExportedDashboard.Query each : new ExportedDashboard(monitoring).queries()) {
                String query = each.with(ExportedDashboard.ALL, ExportedDashboard.ALL);
                JvmCluster.await(
                        "there is an answer to " + query,
                        () -> !many.range(query, 40, 5).isEmpty());
                // A table has a line for each cluster.
                assertThat(many.range(query, 40, 5)).as(query).hasSizeLessThanOrEqualTo(each.inTable() ? 50 : 20);
            }
        }
    }

    @Test
    void whatIsWrittenWorksUnchanged(@TempDir Path folder) throws Exception {
        var direct = new ExportedMonitoring(cluster, Files.createDirectory(folder.resolve("direct")));
        var via = new ExportedMonitoring(cluster, Files.createDirectory(folder.resolve("via")), "--via-scheduler");
        try (PrometheusProcess first = direct.start();
                PrometheusProcess second = via.start()) {
            for (PrometheusProcess each : List.of(first, second)) {
                each.await("count(up{cluster='tested', kind='scheduler'} == 1)", 1);
                each.await("count(dask_worker_threads{cluster='tested', worker=~'tcp://.+'})", "2 or 3", n -> n >= 2);
                JvmCluster.await(
                        "all alerts are evaluated",
                        () -> HEALTHY.matcher(each.api("/api/v1/rules", "type", "alert"))
                                        .results()
                                        .count()
                                == 12);
                assertThat(each.api("/api/v1/rules", "type", "record")).doesNotContain("\"health\":\"err\"");
                assertThat(each.complaints()).isEmpty();
            }
            second.await("count(up{cluster='tested', kind='worker'} == 1)", 1);
        }
    }

    @Test
    void everyListToSelectFromHasValues() throws Exception {
        List<ExportedDashboard.Choice> choices = new ExportedDashboard(exported).choices();
        assertThat(choices).hasSize(3);
        for (ExportedDashboard.Choice choice : choices) {
            String label = choice.label();
            // Without the series that lack the label.
            String values = "group by (%s) (%s) unless on (%s) vector(1)".formatted(label, choice.series(), label);
            JvmCluster.await(
                    "there is a " + label + " to select",
                    () -> !prometheus.values(values).isEmpty());
        }
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
        // Of `dask-jvm monitor`; SeveralClustersTest has one.
        missing.remove("dask_scheduler_up");
        // With via=scheduler that page is scraped instead of the workers'.
        String viaScheduler = JvmCluster.get("http://127.0.0.1:" + cluster.dashboardPort() + "/metrics/workers");
        SAMPLE.matcher(viaScheduler).results().forEach(sample -> missing.remove(sample.group(1)));
        missing.removeIf(name -> !prometheus.values("group(" + name + ")").isEmpty());
        return missing;
    }
}
