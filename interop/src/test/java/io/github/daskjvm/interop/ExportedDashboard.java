package io.github.daskjvm.interop;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The exported dashboard as Grafana sees it: its queries, with values for its variables.
final class ExportedDashboard {
    /// What stands for a variable of which all values are selected.
    static final String ALL = ".*";

    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");
    private static final Pattern SPECIAL = Pattern.compile("[$^*{}\\[\\]'+?.()|]");
    private static final String WINDOW = "10s";
    private static final String RANGE = "60s";

    private final Map<String, Object> dashboard;

    /// A query, and the row and title of the panel that shows it, as a table or otherwise.
    record Query(String row, String panel, boolean inTable, String expression) {
        String where() {
            return row + " / " + panel;
        }

        /// The expression with values for the dashboard's variables, written as Grafana would.
        String with(String cluster, String worker) {
            return filledIn(expression, cluster, worker);
        }
    }

    /// A variable whose values are those that a label has on certain series.
    record Choice(String label, String series) {}

    ExportedDashboard(ExportedMonitoring exported) throws IOException {
        dashboard = JSON.std.mapFrom(exported.read("grafana/dashboards/dask.json"));
    }

    List<Query> queries() {
        List<Query> queries = new ArrayList<>();
        String row = "";
        for (Map<String, Object> panel : list(dashboard.get("panels"))) {
            String title = (String) panel.get("title");
            if (panel.get("type").equals("row")) {
                row = title;
            } else {
                for (Map<String, Object> target : list(panel.get("targets"))) {
                    queries.add(new Query(row, title, panel.get("type").equals("table"), (String) target.get("expr")));
                }
            }
        }
        return queries;
    }

    List<Choice> choices() {
        List<Choice> choices = new ArrayList<>();
        for (Map<String, Object> variable :
                list(map(dashboard.get("templating")).get("list"))) {
            Matcher query = LABEL_VALUES.matcher(String.valueOf(variable.get("definition")));
            if (query.matches()) {
                choices.add(new Choice(query.group(2), filledIn(query.group(1), ALL, ALL)));
            }
        }
        return choices;
    }

    private static String filledIn(String expression, String cluster, String worker) {
        return expression
                .replace("$__rate_interval", WINDOW)
                .replace("$__range", RANGE)
                .replace("$cluster", value(cluster))
                .replace("$worker", value(worker))
                .replace("$prefix", ALL);
    }

    /// A selected value inside a regular expression inside a string of PromQL.
    private static String value(String selected) {
        return selected.equals(ALL) ? ALL : SPECIAL.matcher(selected).replaceAll("\\\\\\\\$0");
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
