package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import io.github.daskjvm.interop.ExportedDashboard.Query;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two clusters at work, and Prometheus servers that scrape both with what `dask-jvm monitoring export` wrote, one of
/// them directly, one through the schedulers. `ours` has JVM workers; `stock` is Dask's own scheduler with Python
/// workers, one of which has no `prometheus_client`, behind `dask-jvm monitor`; `away` a monitor of a scheduler that is
/// not there.
@Timeout(300)
class SeveralClustersTest {
    private static final String DIRECTLY = "directly";
    private static final String VIA = "via scheduler";

    private static final List<Process> PROCESSES = new ArrayList<>();
    private static final Map<String, PrometheusProcess> PROMETHEUS = new LinkedHashMap<>();

    private static final Map<String, List<Query>> PANELS = new LinkedHashMap<>();

    private static JvmCluster ours;
    private static String stock;
    private static Load load;
    private static ExportedMonitoring exported;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(PrometheusProcess.find("prometheus").isPresent(), "no prometheus on the PATH");
        assumeTrue(StockDask.isThere(), "no stock Dask; interop/stock-dask setup makes it");
        int port = JvmCluster.freePort();
        int pages = JvmCluster.freePort();
        stock = "tcp://127.0.0.1:" + port;
        PROCESSES.add(StockDask.scheduler(port, JvmCluster.freePort(), folder.resolve("scheduler.log")));
        PROCESSES.add(StockDask.spillingWorker(stock, folder.resolve("with.log")));
        PROCESSES.add(StockDask.workerWithoutMetrics(stock, folder.resolve("without.log")));
        PROCESSES.add(monitor(stock, pages, folder.resolve("monitor.log")));
        int pagesOfNobody = JvmCluster.freePort();
        String nobody = "tcp://127.0.0.1:" + JvmCluster.freePort();
        PROCESSES.add(monitor(nobody, pagesOfNobody, folder.resolve("away.log")));
        ours = new JvmCluster(Files.createDirectory(folder.resolve("ours")));
        ours.addWorker("w0");
        ours.addWorker("w1");
        Map<String, String> clusters = new LinkedHashMap<>();
        clusters.put("ours", ours.address());
        clusters.put("stock", "http://127.0.0.1:" + pages);
        clusters.put("away", "http://127.0.0.1:" + pagesOfNobody);
        exported = new ExportedMonitoring(clusters, folder).inAHurry();
        PANELS.putAll(queries().stream()
                .collect(Collectors.groupingBy(Query::where, LinkedHashMap::new, Collectors.toList())));
        PROMETHEUS.put(DIRECTLY, exported.start());
        PROMETHEUS.put(
                VIA,
                new ExportedMonitoring(clusters, folder, "--via-scheduler")
                        .inAHurry()
                        .start());
        load = new Load(ours.address());
        PROCESSES.add(StockDask.load(stock, folder.resolve("load.log")));
        for (PrometheusProcess prometheus : PROMETHEUS.values()) {
            prometheus.await("sum(dask_scheduler_workers{cluster='ours'})", 2);
            prometheus.await("sum(dask_scheduler_workers{cluster='stock'})", 2);
        }
    }

    private static Process monitor(String scheduler, int pages, Path log) {
        return JvmCluster.launch(
                JvmCluster.command(List.of(
                        "monitor", scheduler, "--interval", "500 ms", "--dashboard-address", "127.0.0.1:" + pages)),
                log);
    }

    @AfterAll
    static void stop() throws Exception {
        if (load != null) {
            load.close();
        }
        for (PrometheusProcess prometheus : PROMETHEUS.values()) {
            prometheus.close();
        }
        for (Process process : PROCESSES.reversed()) {
            process.destroyForcibly().waitFor();
        }
        if (ours != null) {
            ours.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECTLY, VIA})
    void everyQueryHasAnAnswerForAllClustersAndForOne(String way) throws Exception {
        PrometheusProcess prometheus = PROMETHEUS.get(way);
        for (String selected : List.of(ExportedDashboard.ALL, "ours")) {
            for (Query query : queries()) {
                answered(prometheus, query.with(selected, ExportedDashboard.ALL));
            }
        }
        for (Query query : queries()) {
            assertThat(clusters(prometheus, query.with("ours", ExportedDashboard.ALL)))
                    .as(query.expression())
                    .isSubsetOf("ours");
            assertThat(clusters(prometheus, query.with("stock", ExportedDashboard.ALL)))
                    .as(query.expression())
                    .isSubsetOf("stock");
        }
        String workers = "sum by (cluster) (dask_scheduler_workers{cluster=~\".*\"})";
        assertThat(clusters(prometheus, workers)).containsExactly("ours", "stock");
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECTLY, VIA})
    void inFrontOfAMonitorThosePanelsAreEmptyThatTheReadmeNames(String way) throws Exception {
        PrometheusProcess prometheus = PROMETHEUS.get(way);
        Set<String> empty = namedAsEmpty();
        Set<String> panels = queries().stream().map(Query::where).collect(Collectors.toCollection(TreeSet::new));
        assertThat(panels).containsAll(empty);
        panels.removeAll(empty);
        for (String panel : panels) {
            JvmCluster.await(panel + " shows something", () -> shows(prometheus, panel));
        }
        for (String panel : empty) {
            assertThat(shows(prometheus, panel)).as(panel).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECTLY, VIA})
    void aWorkerThatIsSelectedIsShownAlone(String way) throws Exception {
        PrometheusProcess prometheus = PROMETHEUS.get(way);
        // The one that fetches from the other, so that it has something in every panel.
        String fetches = "dask_worker_transfer_incoming_count_total{cluster='ours'} > 0";
        answered(prometheus, fetches);
        String worker = values(prometheus, "worker", fetches).iterator().next();
        int ofWorkers = 0;
        for (Query query : queries()) {
            if (query.expression().contains("$worker")) {
                ofWorkers++;
                String selected = query.with("ours", worker);
                answered(prometheus, selected);
                assertThat(values(prometheus, "worker", selected)).as(selected).isSubsetOf(worker);
                assertThat(prometheus.values(query.with("stock", worker)))
                        .as(selected)
                        .isEmpty();
            }
        }
        assertThat(ofWorkers).isGreaterThan(15);
        JvmCluster.await(
                "without a choice both workers are there",
                () -> prometheus
                                .query("count(dask_worker_threads{cluster='ours'})")
                                .orElse(0)
                        == 2);
    }

    @Test
    void alertsNameTheClusterThatTheyAreAbout() throws Exception {
        try (var client = Client.connect(ours.address())) {
            Future<Integer> future = client.with(TaskOptions.DEFAULT.resource("NOBODY-HAS-THIS", 1))
                    .submit(() -> 1);
            firesFor("DaskTasksUnrunnable", "ours");
            future.close();
            resolved("DaskTasksUnrunnable");
        }
        firesFor("DaskTargetDown", "away");
        for (PrometheusProcess prometheus : PROMETHEUS.values()) {
            prometheus.await("min({__name__=~'up|dask_scheduler_up', kind='scheduler', cluster='away'})", 0);
        }
    }

    private static List<Query> queries() throws Exception {
        return new ExportedDashboard(exported).queries();
    }

    private static void answered(PrometheusProcess prometheus, String query) {
        JvmCluster.await("there is an answer to " + query, () -> isAnswered(prometheus, query));
    }

    private static boolean isAnswered(PrometheusProcess prometheus, String query) {
        return prometheus.values(query).stream().anyMatch(value -> !Double.isNaN(value));
    }

    /// Whether the panel shows anything of `stock`.
    private static boolean shows(PrometheusProcess prometheus, String panel) {
        return PANELS.get(panel).stream()
                .anyMatch(query -> isAnswered(prometheus, query.with("stock", ExportedDashboard.ALL)));
    }

    /// The lines of README.txt of the form `    Row: Panel, Panel`; `all` stands for all panels of the row.
    private static Set<String> namedAsEmpty() throws Exception {
        Set<String> named = new TreeSet<>();
        String readme = exported.read("README.txt");
        for (String line :
                readme.substring(readme.indexOf("stay empty")).lines().toList()) {
            if (line.startsWith("    ")) {
                String row = line.strip().split(": ", 2)[0];
                String panels = line.strip().split(": ", 2)[1];
                if (panels.equals("all")) {
                    PANELS.keySet().stream()
                            .filter(panel -> panel.startsWith(row + " / "))
                            .forEach(named::add);
                } else {
                    for (String panel : panels.split(", ")) {
                        named.add(row + " / " + panel);
                    }
                }
            }
        }
        return named;
    }

    private static Set<String> clusters(PrometheusProcess prometheus, String query) {
        return values(prometheus, "cluster", query);
    }

    /// The values of a label on the series of an answer.
    private static Set<String> values(PrometheusProcess prometheus, String label, String query) {
        Set<String> values = new TreeSet<>();
        Pattern value = Pattern.compile("\"" + label + "\":\"([^\"]*)\"");
        for (String labels : prometheus.labels(query)) {
            value.matcher(labels).results().forEach(found -> values.add(found.group(1)));
        }
        return values;
    }

    private static void firesFor(String alert, String cluster) {
        String firing = "ALERTS{alertname='" + alert + "', alertstate='firing'}";
        for (PrometheusProcess prometheus : PROMETHEUS.values()) {
            JvmCluster.await(alert + " fires", () -> !prometheus.values(firing).isEmpty());
            assertThat(clusters(prometheus, firing)).containsExactly(cluster);
        }
    }

    private static void resolved(String alert) {
        for (PrometheusProcess prometheus : PROMETHEUS.values()) {
            prometheus.await("count(ALERTS{alertname='" + alert + "'}) or vector(0)", 0);
        }
    }
}
