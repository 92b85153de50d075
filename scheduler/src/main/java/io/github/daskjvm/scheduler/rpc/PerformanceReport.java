package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A page on what a cluster did in a while, whole in itself: it loads nothing. The task stream is drawn as SVG, one
/// row a thread, one rectangle an action; profiles are lists that unfold.
final class PerformanceReport {
    /// Rectangles drawn, at most; the longest ones.
    private static final int RECTANGLES_MAX = 20_000;

    private static final int PROFILE_DEPTH_MAX = 60;
    /// Branches with less than this part of all samples are left out of profiles.
    private static final double PROFILE_SHARE_MIN = 0.005;

    private static final int WIDTH = 1200;
    private static final int ROW_HEIGHT = 14;

    private PerformanceReport() {}

    /// @param start seconds since 1970, as `stop`
    /// @param code of the client that asked for the report
    /// @param runs tasks that ended in between
    /// @param tables computations, spans and metrics
    /// @param profile what the workers' threads did; `serverProfile`, what their event loops did
    record Contents(
            double start,
            double stop,
            String code,
            List<TaskRecords.Run> runs,
            List<Member> members,
            ReportTables.Contents tables,
            Map<String, ?> profile,
            Map<String, ?> serverProfile) {}

    /// A worker, with the metrics of its last heartbeat.
    record Member(String address, int nthreads, long memoryLimitBytes, Map<?, ?> metrics) {}

    /// Something a worker did for a task.
    private record Action(String row, String label, String action, boolean erred, double start, double stop) {}

    static String html(Contents contents) {
        List<Action> actions = actions(contents.runs);
        var page = new StringBuilder(64_000);
        page.append("""
                <!DOCTYPE html>
                <html><head><meta charset="utf-8"><title>Dask performance report</title><style>
                body { font-family: sans-serif; margin: 2em; color: #222 }
                table { border-collapse: collapse } td, th { padding: 2px 12px 2px 0; text-align: left }
                td.n { text-align: right } svg { border: 1px solid #ccc } pre { background: #f4f4f4; padding: 1em }
                details { margin-left: 1.2em } summary.leaf { list-style: none }
                </style></head><body><h1>Dask performance report</h1>
                """);
        summary(page, contents, actions);
        page.append("<h2>Task stream</h2>\n");
        stream(page, contents, actions);
        ReportTables.append(page, contents.tables);
        page.append("<h2>Worker profile (compute)</h2>\n");
        profile(page, contents.profile);
        page.append("<h2>Worker profile (administrative)</h2>\n");
        profile(page, contents.serverProfile);
        page.append("<h2>Scheduler profile</h2>\n<p>The scheduler runs on the JVM and has no Python profile.</p>\n");
        bandwidth(page, contents.members);
        page.append("<h2>Calling code</h2>\n<pre>")
                .append(escaped(contents.code))
                .append("</pre>\n</body></html>\n");
        return page.toString();
    }

    private static List<Action> actions(List<TaskRecords.Run> runs) {
        List<Action> actions = new ArrayList<>();
        for (TaskRecords.Run run : runs) {
            Map<String, @Nullable Object> map = run.map();
            String row = map.get("worker") + " thread " + map.get("thread");
            String label = label(map.get("key"));
            boolean erred = "error".equals(map.get("status"));
            if (map.get("startstops") instanceof List<?> startStops) {
                for (Object item : startStops) {
                    if (item instanceof Map<?, ?> times
                            && times.get("start") instanceof Number start
                            && times.get("stop") instanceof Number stop) {
                        actions.add(new Action(
                                row,
                                label,
                                String.valueOf(times.get("action")),
                                erred,
                                start.doubleValue(),
                                stop.doubleValue()));
                    }
                }
            }
        }
        return actions;
    }

    private static String label(@Nullable Object key) {
        try {
            return key == null ? "" : TaskKey.of(key).toString();
        } catch (IllegalArgumentException e) {
            return key.toString();
        }
    }

    private static void summary(StringBuilder page, Contents contents, List<Action> actions) {
        Map<String, Double> seconds = new TreeMap<>();
        for (Action action : actions) {
            seconds.merge(action.action, Math.max(0, action.stop - action.start), Double::sum);
        }
        long threads = 0;
        long memory = 0;
        for (Member member : contents.members) {
            threads += member.nthreads;
            memory += member.memoryLimitBytes;
        }
        page.append("<h2>Summary</h2>\n<table>\n");
        row(page, "duration", seconds(contents.stop - contents.start));
        row(page, "number of tasks", String.valueOf(contents.runs.size()));
        seconds.forEach((action, total) -> row(page, action + " time", seconds(total)));
        row(page, "workers", String.valueOf(contents.members.size()));
        row(page, "threads", String.valueOf(threads));
        row(page, "memory", bytes(memory));
        row(page, "scheduler", "dask-jvm");
        page.append("</table>\n");
    }

    private static void row(StringBuilder page, String name, String value) {
        page.append("<tr><td>")
                .append(escaped(name))
                .append("</td><td class=\"n\">")
                .append(escaped(value))
                .append("</td></tr>\n");
    }

    private static void stream(StringBuilder page, Contents contents, List<Action> all) {
        if (all.isEmpty()) {
            page.append("<p>No task ended in this time.</p>\n");
            return;
        }
        List<Action> drawn = all;
        if (all.size() > RECTANGLES_MAX) {
            drawn = all.stream()
                    .sorted(Comparator.comparingDouble((Action a) -> a.start - a.stop))
                    .limit(RECTANGLES_MAX)
                    .toList();
            page.append("<p>The longest ")
                    .append(RECTANGLES_MAX)
                    .append(" of ")
                    .append(all.size())
                    .append(" actions.</p>\n");
        }
        Map<String, Integer> rows = new TreeMap<>();
        double from = contents.start;
        double to = contents.start + 1e-6;
        for (Action action : drawn) {
            rows.put(action.row, 0);
            to = Math.max(to, action.stop);
        }
        int number = 0;
        for (Map.Entry<String, Integer> entry : rows.entrySet()) {
            entry.setValue(number++);
        }
        double scale = WIDTH / (to - from);
        page.append(String.format(
                Locale.ROOT,
                "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
                WIDTH,
                ROW_HEIGHT * rows.size(),
                WIDTH,
                ROW_HEIGHT * rows.size()));
        for (Action action : drawn) {
            double x = Math.max(0, (action.start - from) * scale);
            page.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\"><title>%s</title></rect>\n",
                    x,
                    ROW_HEIGHT * rows.getOrDefault(action.row, 0) + 1,
                    Math.max(0.2, (action.stop - from) * scale - x),
                    ROW_HEIGHT - 2,
                    colour(action),
                    escaped(action.label + ": " + action.action + " " + seconds(action.stop - action.start) + ", "
                            + action.row)));
        }
        page.append("</svg>\n<p>0 to ")
                .append(seconds(to - from))
                .append(
                        ". Red: transfer; orange: disk; grey: deserialize; black: error; others: tasks by prefix.</p>\n");
    }

    private static String colour(Action action) {
        if (action.erred) {
            return "#000";
        }
        return switch (action.action) {
            case "transfer" -> "#d22";
            case "disk-read", "disk-write" -> "#e90";
            case "deserialize" -> "#888";
            default ->
                "hsl(" + (100 + Math.floorMod(TaskKey.of(action.label).prefix().hashCode() * 47, 200)) + ",55%,55%)";
        };
    }

    private static void profile(StringBuilder page, Map<String, ?> tree) {
        if (!(tree.get("count") instanceof Number count) || count.longValue() == 0) {
            page.append("<p>No samples.</p>\n");
            return;
        }
        branch(page, tree, count.doubleValue(), 0);
    }

    private static void branch(StringBuilder page, Map<?, ?> tree, double total, int depth) {
        double count = tree.get("count") instanceof Number n ? n.doubleValue() : 0;
        if (count < PROFILE_SHARE_MIN * total || depth > PROFILE_DEPTH_MAX) {
            return;
        }
        Map<?, ?> where = tree.get("description") instanceof Map<?, ?> map ? map : Map.of();
        List<Map<?, ?>> children = new ArrayList<>();
        if (tree.get("children") instanceof Map<?, ?> below) {
            for (Object child : below.values()) {
                if (child instanceof Map<?, ?> map) {
                    children.add(map);
                }
            }
        }
        children.sort(
                Comparator.comparingDouble(child -> child.get("count") instanceof Number n ? -n.doubleValue() : 0));
        String name = depth == 0
                ? "all"
                : where.get("name") + " (" + where.get("filename") + ":" + where.get("line_number") + ")";
        page.append(String.format(Locale.ROOT, "<details%s>", count > 0.2 * total ? " open" : ""))
                .append(children.isEmpty() ? "<summary class=\"leaf\">" : "<summary>")
                .append(String.format(Locale.ROOT, "%.1f %% ", 100 * count / total))
                .append(escaped(name))
                .append(" <code>")
                .append(escaped(String.valueOf(where.get("line")).strip()))
                .append("</code></summary>\n");
        for (Map<?, ?> child : children) {
            branch(page, child, total, depth + 1);
        }
        page.append("</details>\n");
    }

    /// As the workers measured it between each other, and by the type of what they moved.
    private static void bandwidth(StringBuilder page, List<Member> members) {
        page.append("<h2>Bandwidth</h2>\n<table>\n<tr><th>worker</th><th>from</th><th>bytes a second</th></tr>\n");
        Map<String, List<Double>> types = new LinkedHashMap<>();
        for (Member member : members) {
            if (!(member.metrics.get("bandwidth") instanceof Map<?, ?> measured)) {
                continue;
            }
            bandwidthRow(page, member.address, "all", measured.get("total"));
            if (measured.get("workers") instanceof Map<?, ?> peers) {
                peers.forEach((peer, value) -> bandwidthRow(page, member.address, String.valueOf(peer), value));
            }
            if (measured.get("types") instanceof Map<?, ?> byType) {
                byType.forEach((type, value) -> {
                    if (first(value) instanceof Number rate) {
                        types.computeIfAbsent(String.valueOf(type), t -> new ArrayList<>())
                                .add(rate.doubleValue());
                    }
                });
            }
        }
        types.forEach((type, rates) -> bandwidthRow(
                page,
                "type " + type,
                "all",
                rates.stream().mapToDouble(Double::doubleValue).average().orElse(0)));
        page.append("</table>\n");
    }

    /// A rate comes alone or before the amount it was measured by.
    private static @Nullable Object first(@Nullable Object value) {
        return value instanceof List<?> items && !items.isEmpty() ? items.getFirst() : value;
    }

    private static void bandwidthRow(StringBuilder page, String worker, String from, @Nullable Object value) {
        if (first(value) instanceof Number rate) {
            page.append("<tr><td>")
                    .append(escaped(worker))
                    .append("</td><td>")
                    .append(escaped(from))
                    .append("</td><td class=\"n\">")
                    .append(bytes(rate.longValue()))
                    .append("</td></tr>\n");
        }
    }

    static String seconds(double seconds) {
        return seconds < 1
                ? String.format(Locale.ROOT, "%.2f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    static String bytes(long bytes) {
        double value = bytes;
        for (String unit : List.of("B", "KiB", "MiB", "GiB")) {
            if (value < 1024) {
                return String.format(Locale.ROOT, "%.1f %s", value, unit);
            }
            value /= 1024;
        }
        return String.format(Locale.ROOT, "%.1f TiB", value);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
