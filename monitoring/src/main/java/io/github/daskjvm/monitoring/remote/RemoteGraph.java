package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.monitoring.discovery.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The task groups of a scheduler in another process with what depends on what, in the form of the page's graph.
final class RemoteGraph {
    private static final int GROUPS_MAX = 200;
    private static final int EDGES_MAX = 4_000;
    private static final int NAME_MAX = 200;
    private static final int LABEL_MAX = 60;
    /// How a dump shows a group that another depends on: `<name: memory: 3, released: 1>`. Source:
    /// `TaskGroup.__repr__`.
    private static final Pattern STATES = Pattern.compile(": (?:[a-z-]+: \\d+(?:, [a-z-]+: \\d+)*)?>$");

    private RemoteGraph() {}

    /// Asks the scheduler, if there are not too many groups.
    static Map<String, @Nullable Object> of(RemoteState state, RemoteCalls calls) throws IOException {
        int known = Values.map(state.dump().get("task_groups")).size();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("tasks", state.snapshot().knownTasks());
        map.put("groups", known);
        map.put("kind", known > GROUPS_MAX ? "none" : known == 0 ? "tasks" : "groups");
        if (known > 0 && known <= GROUPS_MAX) {
            List<String> excluded = new ArrayList<>(RemoteScheduler.EXCLUDED);
            excluded.remove("dependencies");
            excluded.addAll(List.of("workers", "clients"));
            draw(map, Values.map(calls.map("dump_state", "exclude", excluded).get("task_groups")));
        }
        return map;
    }

    static void draw(Map<String, @Nullable Object> map, Map<?, ?> groups) {
        Map<String, Integer> index = new HashMap<>();
        List<Object> nodes = new ArrayList<>();
        groups.forEach((name, group) -> {
            if (name instanceof String text && nodes.size() < GROUPS_MAX) {
                index.put(text, nodes.size());
                Map<TaskStatus, Integer> states = RemoteSnapshot.states(Values.map(group));
                List<Integer> counts = new ArrayList<>();
                for (TaskStatus status : TaskStatus.values()) {
                    counts.add(states.getOrDefault(status, 0));
                }
                nodes.add(List.of(cut(text, NAME_MAX), cut(RemoteSnapshot.prefixOf(text), LABEL_MAX), counts));
            }
        });
        List<Object> edges = new ArrayList<>();
        groups.forEach((name, group) -> {
            Integer to = name instanceof String ? index.get(name) : null;
            Object needed = Values.map(group).get("dependencies");
            for (Object one : needed instanceof Iterable<?> all ? all : List.of()) {
                Integer from = index.get(nameOf(String.valueOf(one)));
                if (to != null && from != null && !from.equals(to) && edges.size() < EDGES_MAX) {
                    edges.add(List.of(from, to));
                }
            }
        });
        map.put("nodes", nodes);
        map.put("edges", edges);
    }

    /// The name of a group out of its form in a dump; a name that stands by itself is itself.
    static String nameOf(String shown) {
        return shown.startsWith("<") && shown.endsWith(">")
                ? STATES.matcher(shown.substring(1)).replaceFirst("")
                : shown;
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
