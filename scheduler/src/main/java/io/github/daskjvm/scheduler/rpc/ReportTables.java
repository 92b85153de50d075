package io.github.daskjvm.scheduler.rpc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parts of a performance report on computations, spans, and what workers measured inside tasks.
final class ReportTables {
    private static final int ROWS_MAX = 1_000;

    private ReportTables() {}

    /// @param start seconds since 1970; what ended before is left out
    /// @param computations as [SpanDescriptions] has them, as are the others
    record Contents(
            double start,
            List<Map<String, @Nullable Object>> computations,
            Collection<?> spans,
            List<List<@Nullable Object>> metrics) {}

    static void append(StringBuilder page, Contents contents) {
        page.append("<h2>Computations</h2>\n");
        table(page, contents.computations, contents.start, List.of("id", "start", "stop", "groups", "states"));
        page.append("<h2>Spans</h2>\n");
        table(
                page,
                contents.spans,
                contents.start,
                List.of("name", "id", "start", "stop", "all_durations", "states", "nbytes_total"));
        page.append("<h2>Fine performance metrics</h2>\n<p>Since the scheduler started.</p>\n");
        metrics(page, contents.metrics);
    }

    private static void table(StringBuilder page, Collection<?> items, double start, List<String> columns) {
        page.append("<table>\n<tr>");
        columns.forEach(column ->
                page.append("<th>").append(PerformanceReport.escaped(column)).append("</th>"));
        page.append("</tr>\n");
        int rows = 0;
        for (Object item : items) {
            if (item instanceof Map<?, ?> map
                    && map.get("stop") instanceof Number stop
                    && (stop.doubleValue() >= start || Boolean.FALSE.equals(map.get("done")))
                    && rows++ < ROWS_MAX) {
                page.append("<tr>");
                for (String column : columns) {
                    page.append("<td>")
                            .append(PerformanceReport.escaped(text(column, map.get(column), start)))
                            .append("</td>");
                }
                page.append("</tr>\n");
            }
        }
        page.append("</table>\n");
    }

    private static String text(String column, @Nullable Object value, double start) {
        return switch (value) {
            case Number moment
            when column.equals("start") || column.equals("stop") ->
                moment.doubleValue() <= 0 ? "" : PerformanceReport.seconds(moment.doubleValue() - start);
            case Number bytes when column.endsWith("bytes_total") -> PerformanceReport.bytes(bytes.longValue());
            case Map<?, ?> map -> {
                List<String> parts = new ArrayList<>();
                map.forEach((key, item) -> {
                    if (item instanceof Double seconds) {
                        parts.add(key + " " + PerformanceReport.seconds(seconds));
                    } else if (!(item instanceof Number number && number.longValue() == 0)) {
                        parts.add(key + " " + item);
                    }
                });
                yield String.join(", ", parts);
            }
            case Collection<?> items -> {
                List<String> parts = new ArrayList<>();
                items.forEach(item -> parts.add(String.valueOf(item)));
                yield String.join(", ", parts);
            }
            case null, default -> String.valueOf(value);
        };
    }

    /// Those by context, prefix, activity and unit, largest first.
    private static void metrics(StringBuilder page, List<List<@Nullable Object>> all) {
        List<List<@Nullable Object>> fine = new ArrayList<>(all);
        fine.removeIf(row -> row.size() < 4);
        fine.sort(Comparator.comparing((List<@Nullable Object> row) -> String.valueOf(row.get(row.size() - 2)))
                .thenComparing(row -> row.getLast() instanceof Number number ? -number.doubleValue() : 0.0));
        page.append("<table>\n");
        for (List<@Nullable Object> row : fine.subList(0, Math.min(fine.size(), ROWS_MAX))) {
            page.append("<tr><td>");
            List<String> names = new ArrayList<>();
            row.subList(0, row.size() - 2).forEach(part -> names.add(String.valueOf(part)));
            page.append(PerformanceReport.escaped(String.join(", ", names)));
            page.append("</td><td class=\"n\">");
            page.append(PerformanceReport.escaped(amount(row.getLast(), String.valueOf(row.get(row.size() - 2)))));
            page.append("</td></tr>\n");
        }
        page.append("</table>\n");
    }

    private static String amount(@Nullable Object value, String unit) {
        if (value instanceof Number number && unit.equals("seconds")) {
            return PerformanceReport.seconds(number.doubleValue());
        }
        if (value instanceof Number number && unit.equals("bytes")) {
            return PerformanceReport.bytes(number.longValue());
        }
        return value + " " + unit;
    }
}
