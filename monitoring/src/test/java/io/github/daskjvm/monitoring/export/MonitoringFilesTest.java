package io.github.daskjvm.monitoring.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.monitoring.Promtool;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitoringFilesTest {
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)\n");
    private static final Pattern RUNBOOK_URL = Pattern.compile("runbook_url: docs/runbook\\.md#(\\w+)\n");
    private static final Pattern SECTION = Pattern.compile("\n## (\\w+)\n");
    private static final ScrapedCluster ONE = new ScrapedCluster("one", false, "10.0.0.1:8787");
    private static final ScrapedCluster TWO = new ScrapedCluster("the second", true, "[::1]:9000");

    @TempDir
    Path folder;

    private static MonitoringFiles of(ScrapedCluster... clusters) {
        return new MonitoringFiles(List.of(clusters), "dask", false, MonitoringFiles.RUNBOOK);
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }

    @Test
    void everyAlertHasASectionInTheRunbook() {
        String alerts = MonitoringFiles.resource("rules/dask-alerts.yml");
        String runbook = MonitoringFiles.resource(MonitoringFiles.RUNBOOK);
        assertThat(all(ALERT, alerts))
                .hasSizeGreaterThan(9)
                .isEqualTo(all(SECTION, runbook))
                .extracting(name -> name.toLowerCase(java.util.Locale.ROOT))
                .isEqualTo(all(RUNBOOK_URL, alerts));
        for (String section : runbook.substring(runbook.indexOf("\n## ")).split("\n## ")) {
            if (!section.isBlank()) {
                assertThat(section).contains("**Means.**", "**Look.**", "**Do.**", "**Ignore when.**");
                // A query, or a path of the pages.
                assertThat(section).containsPattern("`[^`]*(dask_|jvm_|:|up\\{|/)[^`]*`");
            }
        }
    }

    @Test
    void promtoolAcceptsWhatIsWritten() throws Exception {
        new ExportFolder(folder).write(of(ONE, TWO).all(), false);
        Promtool.assertPasses(folder, "check", "config", "prometheus.yml");
        Promtool.assertPasses(folder, "check", "rules", "rules/dask-records.yml", "rules/dask-alerts.yml");
    }

    @Test
    void theRulesDoWhatTheirTestsSay() throws Exception {
        new ExportFolder(folder).write(of(ONE).all(), false);
        try (var tests = MonitoringFilesTest.class.getResourceAsStream("rules-test.yml")) {
            Files.write(folder.resolve("rules-test.yml"), tests.readAllBytes());
        }
        Promtool.assertPasses(folder, "test", "rules", "rules-test.yml");
    }

    @Test
    void noPlaceIsLeftOpen() {
        assertThat(of(ONE, TWO).all().values()).noneMatch(text -> text.matches("(?s).*@[A-Z_]+@.*"));
    }

    @Test
    void eachSchedulerIsScrapedUnderItsName() {
        assertThat(of(ONE, TWO).all().get("prometheus.yml"))
                .contains("job_name: dask-one", "http://10.0.0.1:8787/prometheus/sd\n", "replacement: 'one'")
                .contains("{kind: scheduler, __scheme__: http}", "{kind: scheduler, __scheme__: https}")
                .contains("job_name: dask-the-second", "https://[::1]:9000/prometheus/sd\n")
                .contains("replacement: 'the second'")
                // Pages of workers are not encrypted because their scheduler's are.
                .doesNotContain("\n    scheme:");
        assertThat(new MonitoringFiles(List.of(ONE), "dask", true, MonitoringFiles.RUNBOOK)
                        .all()
                        .get("prometheus.yml"))
                .contains("/prometheus/sd?via=scheduler\n");
    }

    @Test
    void anotherNamespaceIsThatOfEveryMetric() throws Exception {
        var files = new MonitoringFiles(List.of(ONE), "farm", false, "https://wiki/dask").all();
        new ExportFolder(folder).write(files, false);
        Promtool.assertPasses(folder, "check", "config", "prometheus.yml");
        assertThat(files.get("rules/dask-alerts.yml"))
                .contains("farm_scheduler_unrunnable_tasks", "runbook_url: https://wiki/dask#dasknoworkers");
        assertThat(files.values()).noneMatch(text -> text.contains("dask_scheduler_"));
    }

    @Test
    void theOperatorsRulesAreTheSame() {
        Map<String, String> files = of(ONE).all();
        String resource = files.get("kubernetes/prometheusrule.yaml");
        for (String path : MonitoringFiles.RULES) {
            String rules = files.get(path);
            assertThat(resource)
                    .contains(rules.substring(rules.indexOf("  - name:"))
                            .indent(2)
                            .stripTrailing());
        }
    }

    @Test
    void whatSomebodyChangedIsNotOverwritten() throws IOException {
        var export = new ExportFolder(folder);
        assertThat(export.write(of(ONE).all(), false)).contains("prometheus.yml", "grafana/dashboards/dask.json");
        assertThat(export.write(of(ONE).all(), false)).isEmpty();
        Path changed = folder.resolve("prometheus.yml");
        Files.writeString(changed, "mine");
        Files.delete(folder.resolve("README.txt"));
        assertThatThrownBy(() -> export.write(of(ONE).all(), false))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("prometheus.yml");
        assertThat(changed).hasContent("mine");
        assertThat(folder.resolve("README.txt")).doesNotExist();
        assertThat(export.write(of(ONE).all(), true)).containsExactlyInAnyOrder("README.txt", "prometheus.yml");
        assertThat(Files.readString(changed)).isNotEqualTo("mine");
    }

    @Test
    void namesThatWouldBreakAFileAreRefused() {
        for (String name : List.of("", "a'b", "$1", "a\nb", "a\"b", " a")) {
            assertThatThrownBy(() -> new ScrapedCluster(name, false, "h:1"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new ScrapedCluster("a", false, "h")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Stream.of("a", "10.0.0.1:8787", "Grüße 2/x_y-z").map(name -> new ScrapedCluster(name, false, "h:1")))
                .hasSize(3);
    }
}
