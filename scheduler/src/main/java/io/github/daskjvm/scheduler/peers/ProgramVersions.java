package io.github.daskjvm.scheduler.peers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a program of the JVM says of itself when it registers, the entry `jvm` of its `versions`: `{"java":
/// text, "dask-jvm": text, "serializers": {name: number of its form}, "jars": {file name: hash}}`; and how it
/// differs from others. What it leaves out differs from nothing.
///
/// @param told the entry as it came
/// @param values what is compared, by the name of its row: versions, and jars by their name before the version
/// @param serializers numbers of forms by name
record ProgramVersions(Map<?, ?> told, Map<String, String> values, Map<?, ?> serializers) {
    static final ProgramVersions NONE = new ProgramVersions(Map.of(), Map.of(), Map.of());

    private static final int ROWS_MAX = 50;
    private static final int CELL_MAX = 200;

    /// Of a registration's `versions`.
    static ProgramVersions of(@Nullable Object versions) {
        if (!(versions instanceof Map<?, ?> map) || !(map.get("jvm") instanceof Map<?, ?> jvm)) {
            return NONE;
        }
        Map<String, String> values = new TreeMap<>();
        for (String what : List.of("java", "dask-jvm")) {
            if (jvm.get(what) instanceof String text && !text.isEmpty()) {
                values.put(what, shortened(text));
            }
        }
        if (jvm.get("jars") instanceof Map<?, ?> jars) {
            jars.forEach((file, hash) -> {
                String name = String.valueOf(file);
                values.put(name.replaceFirst("(-\\d[^/]*)?\\.jar$", "") + " (jar)", shortened(name + " " + hash));
            });
        }
        return new ProgramVersions(jvm, values, jvm.get("serializers") instanceof Map<?, ?> forms ? forms : Map.of());
    }

    private static String shortened(String text) {
        return text.length() <= CELL_MAX ? text : text.substring(0, CELL_MAX) + "…";
    }

    /// Why the program can't work with the others; null if it can.
    ///
    /// @param others by address
    @Nullable
    String conflict(Map<String, ProgramVersions> others) {
        for (var entry : serializers.entrySet()) {
            for (var other : others.entrySet()) {
                Object theirs = other.getValue().serializers.get(entry.getKey());
                if (theirs != null && !theirs.equals(entry.getValue())) {
                    return "it writes values by the serializer " + entry.getKey() + " in form " + entry.getValue()
                            + ", and " + other.getKey() + " in form " + theirs
                            + ": use the same version of dask-jvm in both";
                }
            }
        }
        return null;
    }

    /// A table of what differs, with all values; null if nothing does.
    ///
    /// @param name of this program, as the head of its column
    /// @param workers by address
    @Nullable
    String differences(String name, ProgramVersions scheduler, Map<String, ProgramVersions> workers) {
        Map<ProgramVersions, List<String>> kinds = new LinkedHashMap<>();
        workers.forEach((address, versions) ->
                kinds.computeIfAbsent(versions, v -> new ArrayList<>()).add(address));
        var rows = new ArrayList<List<String>>();
        values.forEach((what, own) -> {
            String schedulers = scheduler.values.get(what);
            Map<String, List<String>> theirs = new TreeMap<>();
            kinds.forEach((versions, addresses) -> {
                String value = versions.values.get(what);
                if (value != null) {
                    theirs.computeIfAbsent(value, v -> new ArrayList<>()).addAll(addresses);
                }
            });
            var known = new TreeSet<>(theirs.keySet());
            known.add(own);
            known.add(schedulers == null ? own : schedulers);
            if (known.size() > 1 && rows.size() < ROWS_MAX) {
                rows.add(List.of(what, own, schedulers == null ? "-" : schedulers, cell(theirs)));
            }
        });
        return rows.isEmpty()
                ? null
                : "versions differ; classes and lambdas that are not the same everywhere may not be understood\n"
                        + table(List.of("", name, "scheduler", "workers"), rows);
    }

    private static String cell(Map<String, List<String>> addressesByValue) {
        var cell = new StringBuilder();
        addressesByValue.forEach((value, addresses) -> {
            cell.append(cell.isEmpty() ? "" : ", ").append(value);
            if (addressesByValue.size() > 1) {
                cell.append(" at ").append(addresses.getFirst());
                cell.append(addresses.size() > 1 ? " and " + (addresses.size() - 1) + " more" : "");
            }
        });
        return cell.isEmpty() ? "-" : shortened(cell.toString());
    }

    private static String table(List<String> head, List<List<String>> rows) {
        int[] widths = new int[head.size()];
        var all = new ArrayList<>(rows);
        all.addFirst(head);
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var text = new StringBuilder();
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                text.append(i == 0 ? "  " : "  | ").append(cell).append(" ".repeat(widths[i] - cell.length()));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
