package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.monitoring.discovery.Values;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Counts results and failures by prefix, which a scheduler does not tell, from one look at its task groups to the
/// next: by how much each group's tasks that are done have become more. Of a group that has gone the tasks that
/// were left count as done. So it is as good as the looks are close together. For one thread.
final class SeenResults {
    private static final int PREFIXES_MAX = 5_000;
    private static final String OTHER = "other";

    private record Seen(String prefix, long done, long erred, long open) {}

    private Map<String, Seen> groups = Map.of();
    private final Map<String, Map<TaskStatus, Long>> entered = new LinkedHashMap<>();

    /// Begins anew, with a scheduler that has.
    void clear() {
        groups = Map.of();
        entered.clear();
    }

    /// What was done before the first look counts, as far as it is still there.
    void look(Map<?, ?> described) {
        Map<String, Seen> now = new HashMap<>();
        described.forEach((name, group) -> {
            if (name instanceof String text) {
                Seen seen = seen(text, Values.map(group));
                now.put(text, seen);
                Seen before = groups.getOrDefault(text, new Seen(seen.prefix, 0, 0, 0));
                add(seen.prefix, seen.done - before.done, seen.erred - before.erred);
            }
        });
        groups.forEach((name, seen) -> {
            if (!now.containsKey(name)) {
                add(seen.prefix, seen.open, 0);
            }
        });
        groups = now;
    }

    private static Seen seen(String name, Map<?, ?> group) {
        long done = 0;
        long erred = 0;
        long open = 0;
        for (var entry : RemoteSnapshot.states(group).entrySet()) {
            switch (entry.getKey()) {
                case MEMORY, RELEASED, FORGOTTEN -> done += entry.getValue();
                case ERRED -> erred += entry.getValue();
                case WAITING, NO_WORKER, QUEUED, PROCESSING -> open += entry.getValue();
            }
        }
        return new Seen(RemoteSnapshot.prefixOf(name), done, erred, open);
    }

    private void add(String prefix, long results, long failures) {
        String name = entered.containsKey(prefix) || entered.size() < PREFIXES_MAX ? prefix : OTHER;
        Map<TaskStatus, Long> counts = entered.computeIfAbsent(name, n -> new EnumMap<>(TaskStatus.class));
        counts.merge(TaskStatus.MEMORY, Math.max(0, results), Long::sum);
        counts.merge(TaskStatus.ERRED, Math.max(0, failures), Long::sum);
    }

    Map<TaskStatus, Long> entered(String prefix) {
        return Map.copyOf(entered.getOrDefault(prefix, Map.of()));
    }

    /// Prefixes of which there are no tasks any more.
    Map<String, Map<TaskStatus, Long>> others(Set<String> present) {
        Map<String, Map<TaskStatus, Long>> others = new LinkedHashMap<>();
        entered.forEach((name, counts) -> {
            if (!present.contains(name)) {
                others.put(name, Map.copyOf(counts));
            }
        });
        return others;
    }
}
