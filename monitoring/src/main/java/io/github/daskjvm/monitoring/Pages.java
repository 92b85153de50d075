package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import java.util.Locale;

/// The plain pages: HTML without scripts. Names, addresses and hosts come from whoever connects, so every text that
/// goes in is escaped.
final class Pages {
    private Pages() {}

    static String workers(SchedulerSnapshot snapshot) {
        var rows = new StringBuilder();
        for (WorkerSnapshot worker : snapshot.workers()) {
            rows.append("<tr>");
            cell(rows, worker.address());
            cell(rows, worker.name());
            cell(rows, worker.host());
            cell(rows, worker.runtime().wireName());
            cell(rows, worker.status().wireName());
            cell(rows, worker.load().name().toLowerCase(Locale.ROOT).replace('_', ' '));
            cell(rows, Integer.toString(worker.nthreads()));
            cell(rows, memory(worker));
            cell(rows, bytes(worker.storedBytes()));
            cell(rows, String.format(Locale.ROOT, "%.2f s", worker.occupancySeconds()));
            cell(rows, Integer.toString(worker.processing()));
            cell(rows, Integer.toString(worker.storedKeys()));
            rows.append("</tr>\n");
        }
        return page("Workers", """
                <p>%d workers</p>
                <table>
                <tr><th>Worker</th><th>Name</th><th>Host</th><th>Runtime</th><th>Status</th><th>Load</th><th>Threads</th>\
                <th>Memory</th><th>Results</th><th>Occupancy</th><th>Processing</th><th>In-memory</th></tr>
                %s</table>
                """.formatted(snapshot.workers().size(), rows));
    }

    static String jsonIndex() {
        return page("Index of JSON routes", """
                <ul>
                <li><a href="counts.json">counts.json</a></li>
                <li><a href="identity.json">identity.json</a></li>
                </ul>
                """);
    }

    static String escape(String text) {
        var escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static void cell(StringBuilder row, String text) {
        row.append("<td>").append(escape(text)).append("</td>");
    }

    private static String memory(WorkerSnapshot worker) {
        String used = bytes(worker.processMemoryBytes());
        return worker.memoryLimitBytes() == 0 ? used : used + " of " + bytes(worker.memoryLimitBytes());
    }

    /// In Dask's way: binary units from a kibibyte, two decimals.
    private static String bytes(long bytes) {
        String[] units = {"kiB", "MiB", "GiB", "TiB", "PiB"};
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f %s", value, units[unit]);
    }

    private static String page(String title, String body) {
        return """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
                <title>Dask: %s</title>
                <style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}\
                td,th{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:left}</style></head>
                <body><p><a href="/status">status</a> · <a href="/info/main/workers.html">workers</a> ·\
                 <a href="/json/index.html">json</a> · <a href="/metrics">metrics</a></p>
                <h1>%s</h1>
                %s</body></html>
                """.formatted(title, title, body);
    }
}
