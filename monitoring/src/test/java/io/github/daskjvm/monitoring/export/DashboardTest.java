package io.github.daskjvm.monitoring.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The dashboard keeps to Grafana's form, as far as can be seen without a Grafana: `grafana-dashboard.schema.json` has
/// what Grafana's own types say of the fields that it uses.
class DashboardTest {
    private static final int COLUMNS = 24;
    private static final Set<String> TYPES = Set.of("row", "stat", "table", "timeseries");
    private static final Set<String> BUILT_IN = Set.of("__rate_interval", "__range");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");
    private static final Pattern SELECTOR = Pattern.compile("[\\w:]*\\{[^{}]*}(\\[[^]]*])?");
    private static final Map<String, String> DATASOURCE = Map.of("type", "prometheus", "uid", "${datasource}");

    private final Map<String, Object> dashboard;

    DashboardTest() throws IOException {
        dashboard = JSON.std.mapFrom(MonitoringFiles.resource(MonitoringFiles.DASHBOARD));
    }

    @Test
    void theDashboardHasTheFormThatGrafanaKnows() throws IOException {
        try (var stream = DashboardTest.class.getResourceAsStream("grafana-dashboard.schema.json")) {
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(stream);
            String text = MonitoringFiles.resource(MonitoringFiles.DASHBOARD);
            assertThat(schema.validate(text, InputFormat.JSON)).isEmpty();
            for (String mistaken : List.of("\"percentunit\"", "\"timeseries\"", "\"showLegend\"", "\"refId\"")) {
                assertThat(schema.validate(text.replace(mistaken, "\"no such\""), InputFormat.JSON))
                        .as(mistaken)
                        .isNotEmpty();
            }
        }
    }

    @Test
    void everyVariableIsUsed() {
        String text = MonitoringFiles.resource(MonitoringFiles.DASHBOARD);
        for (Map<String, Object> variable : variables()) {
            assertThat(text).containsPattern("\\$\\{?" + variable.get("name") + "\\b");
        }
    }

    @Test
    void theDashboardCanBeImported() {
        assertThat(dashboard)
                .containsEntry("uid", "dask-jvm")
                .containsEntry("title", "Dask")
                .containsKeys("time", "refresh", "annotations")
                .doesNotContainKey("id");
        assertThat((int) dashboard.get("schemaVersion")).isGreaterThanOrEqualTo(36);
    }

    @Test
    void everyPanelHasAnIdATitleAndAType() {
        var ids = new HashSet<Object>();
        for (Map<String, Object> panel : panels()) {
            assertThat(ids.add(panel.get("id")))
                    .as("id of %s", panel.get("title"))
                    .isTrue();
            assertThat((String) panel.get("title")).isNotBlank();
            assertThat(TYPES).contains((String) panel.get("type"));
            if (!isRow(panel)) {
                assertThat((String) panel.get("description"))
                        .as("%s", panel.get("title"))
                        .isNotBlank();
            }
        }
    }

    @Test
    void theRowsAreThoseThatAreOwed() {
        assertThat(panels().stream().filter(DashboardTest::isRow).map(row -> row.get("title")))
                .containsExactly("Overview", "Scheduler", "Workers", "Tasks by prefix", "Transfers and memory");
    }

    @Test
    void noTwoPanelsOverlapAndNoneSticksOut() {
        Map<String, Object> taken = new HashMap<>();
        for (Map<String, Object> panel : panels()) {
            Map<String, Object> at = map(panel.get("gridPos"));
            int x = (int) at.get("x");
            int y = (int) at.get("y");
            int w = (int) at.get("w");
            int h = (int) at.get("h");
            assertThat(x).isNotNegative();
            assertThat(w).isPositive();
            assertThat(h).isPositive();
            assertThat(x + w).isLessThanOrEqualTo(COLUMNS);
            for (int i = x; i < x + w; i++) {
                for (int j = y; j < y + h; j++) {
                    assertThat(taken.put(i + "," + j, panel.get("title")))
                            .as("under %s at column %s, line %s", panel.get("title"), i, j)
                            .isNull();
                }
            }
        }
    }

    @Test
    void whereDataComesFromIsAVariable() {
        for (Map<String, Object> panel : panels()) {
            if (!isRow(panel)) {
                assertThat(panel).containsEntry("datasource", DATASOURCE);
                targets(panel).forEach(target -> assertThat(target).containsEntry("datasource", DATASOURCE));
            }
        }
        for (Map<String, Object> variable : variables()) {
            if (variable.get("type").equals("query")) {
                assertThat(variable).containsEntry("datasource", DATASOURCE);
            }
        }
    }

    @Test
    void queriesNameEachOtherAndVariablesThatExist() {
        Set<Object> known = new HashSet<>(BUILT_IN);
        variables().forEach(variable -> known.add(variable.get("name")));
        assertThat(known).contains("datasource", "cluster", "worker", "prefix");
        for (Map<String, Object> panel : panels()) {
            var refs = new HashSet<Object>();
            for (Map<String, Object> target : targets(panel)) {
                assertThat(refs.add(target.get("refId"))).isTrue();
                String expression = (String) target.get("expr");
                assertThat(expression).contains("cluster=~\"$cluster\"");
                Matcher used = VARIABLE.matcher(expression);
                while (used.find()) {
                    assertThat(known).contains(used.group(1));
                }
            }
        }
    }

    @Test
    void nothingIsReadOfClustersThatAreNotSelected() {
        for (Map<String, Object> panel : panels()) {
            for (Map<String, Object> target : targets(panel)) {
                String expression = (String) target.get("expr");
                Matcher selector = SELECTOR.matcher(expression);
                while (selector.find()) {
                    assertThat(selector.group()).contains("cluster=~\"$cluster\"");
                }
                assertThat(selector.replaceAll("()"))
                        .as(expression)
                        .doesNotContainPattern("\\b(dask|jvm|process)_|\\bup\\b|ALERTS");
            }
        }
    }

    @Test
    void clustersAndWorkersCanBeSelectedTogether() {
        for (Map<String, Object> variable : variables()) {
            if (variable.get("type").equals("query")) {
                assertThat(variable)
                        .containsEntry("multi", true)
                        .containsEntry("includeAll", true)
                        .containsEntry("allValue", ".*");
            }
        }
    }

    @Test
    void unitsFitWhatIsShown() {
        for (Map<String, Object> panel : panels()) {
            if (isRow(panel) || panel.get("type").equals("table")) {
                continue;
            }
            Object unit = map(map(panel.get("fieldConfig")).get("defaults")).get("unit");
            for (Map<String, Object> target : targets(panel)) {
                String expression = (String) target.get("expr");
                assertThat(fitting(expression))
                        .as("%s: %s", panel.get("title"), expression)
                        .contains((String) unit);
            }
        }
    }

    @Test
    void unitsOfTheTableFitItsColumns() {
        Map<String, Object> table = panels().stream()
                .filter(panel -> panel.get("type").equals("table"))
                .findFirst()
                .orElseThrow();
        var units = new HashMap<Object, Object>();
        for (Map<String, Object> override : list(map(table.get("fieldConfig")).get("overrides"))) {
            for (Map<String, Object> property : list(override.get("properties"))) {
                if (property.get("id").equals("unit")) {
                    units.put(map(override.get("matcher")).get("options"), property.get("value"));
                }
            }
        }
        for (Map<String, Object> target : targets(table)) {
            assertThat(fitting((String) target.get("expr")))
                    .as("%s", target.get("legendFormat"))
                    .contains((String) units.get(target.get("legendFormat")));
        }
    }

    /// The units that fit, told by the names that metrics end with.
    private static List<String> fitting(String expression) {
        if (expression.contains("histogram_quantile")) {
            return List.of("s");
        }
        if (expression.contains("_ratio") || expression.contains(" / ")) {
            return List.of("percentunit");
        }
        boolean rate = expression.contains("rate(");
        if (expression.contains("bandwidth_median_bytes")) {
            return List.of("Bps");
        }
        if (expression.matches(".*_seconds(_sum|_total)?\\{.*")) {
            return rate ? List.of("percentunit", "none") : List.of("s");
        }
        if (expression.matches(".*_bytes(_total)?\\{.*")) {
            return List.of(rate ? "Bps" : "bytes");
        }
        return List.of(rate ? "ops" : "short");
    }

    private static boolean isRow(Map<String, Object> panel) {
        return panel.get("type").equals("row");
    }

    private List<Map<String, Object>> panels() {
        return list(dashboard.get("panels"));
    }

    private List<Map<String, Object>> variables() {
        return list(map(dashboard.get("templating")).get("list"));
    }

    private static List<Map<String, Object>> targets(Map<String, Object> panel) {
        return isRow(panel) ? new ArrayList<>() : list(panel.get("targets"));
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
