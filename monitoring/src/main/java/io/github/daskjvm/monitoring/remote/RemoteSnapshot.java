package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.MeasuredSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a snapshot of what a scheduler answered to `identity` and `dump_state`. Numbers of tasks are those of the
/// task groups that it has now, as in Dask's own metrics; a group's prefix is its name without what makes it unique.
final class RemoteSnapshot {
    private static final String FIRE_AND_FORGET = "fire-and-forget";

    private RemoteSnapshot() {}

    static SchedulerSnapshot of(ClusterView cluster, Map<?, ?> dump, double desiredWorkers, SeenResults seen) {
        Map<?, ?> groups = Values.map(dump.get("task_groups"));
        seen.look(groups);
        Map<String, Prefix> prefixes = prefixes(groups);
        Map<TaskStatus, Long> byStatus = new EnumMap<>(TaskStatus.class);
        for (Prefix prefix : prefixes.values()) {
            prefix.current.forEach((status, count) -> {
                if (status != TaskStatus.FORGOTTEN) {
                    byStatus.merge(status, (long) count, Long::sum);
                }
            });
        }
        List<PrefixSnapshot> shown = new ArrayList<>();
        prefixes.forEach((name, prefix) -> shown.add(prefix.snapshot(name, seen.entered(name))));
        seen.others(prefixes.keySet()).forEach((name, entered) -> shown.add(new Prefix().snapshot(name, entered)));
        long clients = Values.map(dump.get("clients")).keySet().stream()
                .filter(client -> !FIRE_AND_FORGET.equals(client))
                .count();
        return new SchedulerSnapshot(
                byStatus,
                workers(cluster, dump),
                List.copyOf(shown),
                byStatus.getOrDefault(TaskStatus.NO_WORKER, 0L),
                (int) clients,
                groups.size(),
                (int) count(desiredWorkers),
                0,
                0,
                0,
                0,
                List.of(),
                MeasuredSnapshot.NONE);
    }

    private static List<WorkerSnapshot> workers(ClusterView cluster, Map<?, ?> dump) {
        var loads = new WorkerLoads(cluster, dump);
        List<WorkerSnapshot> workers = new ArrayList<>();
        for (WorkerView worker : cluster.workers()) {
            Map<?, ?> described = loads.described(worker);
            Map<?, ?> counts = Values.map(worker.metrics().get("task_counts"));
            workers.add(new WorkerSnapshot(
                    worker.address(),
                    worker.name(),
                    worker.host(),
                    worker.runtime().equals(Runtime.JVM.wireName()) ? Runtime.JVM : Runtime.PYTHON,
                    WorkerStatus.ofWireName(worker.status()).orElse(WorkerStatus.CLOSED),
                    loads.load(worker),
                    worker.nthreads(),
                    Math.max(0, worker.memoryLimitBytes()),
                    count(worker.metrics().get("memory")),
                    count(described.get("nbytes")),
                    (int) loads.processing(worker),
                    (int) (count(counts.get("memory")) + count(counts.get("disk"))),
                    amount(described.get("occupancy")),
                    described.get("nanny") instanceof String nanny ? nanny : null));
        }
        return List.copyOf(workers);
    }

    private static Map<String, Prefix> prefixes(Map<?, ?> groups) {
        Map<String, Prefix> prefixes = new LinkedHashMap<>();
        groups.forEach((name, group) -> {
            if (name instanceof String text && group instanceof Map<?, ?> described) {
                prefixes.computeIfAbsent(prefixOf(text), p -> new Prefix()).add(described);
            }
        });
        return prefixes;
    }

    static String prefixOf(String group) {
        return TaskKey.of(group).prefix();
    }

    /// Tasks of a group in each state.
    static Map<TaskStatus, Integer> states(Map<?, ?> group) {
        Map<?, ?> states = Values.map(group.get("states"));
        Map<TaskStatus, Integer> counts = new EnumMap<>(TaskStatus.class);
        for (TaskStatus status : TaskStatus.values()) {
            int count = (int) Math.min(count(states.get(status.wireName())), Integer.MAX_VALUE / 1_000);
            if (count > 0) {
                counts.put(status, count);
            }
        }
        return counts;
    }

    /// All groups of a prefix.
    private static final class Prefix {
        final Map<TaskStatus, Integer> current = new EnumMap<>(TaskStatus.class);
        double computeSeconds;
        double transferSeconds;
        long storedBytes;

        void add(Map<?, ?> group) {
            states(group).forEach((status, count) -> current.merge(status, count, Integer::sum));
            Map<?, ?> durations = Values.map(group.get("all_durations"));
            computeSeconds += amount(durations.get("compute"));
            transferSeconds += amount(durations.get("transfer"));
            storedBytes += count(group.get("nbytes_total"));
        }

        PrefixSnapshot snapshot(String name, Map<TaskStatus, Long> entered) {
            return new PrefixSnapshot(
                    name, entered, current, computeSeconds, transferSeconds, storedBytes, 0, Histogram.Copy.EMPTY);
        }
    }

    /// Finite and not negative, whatever it said.
    static double amount(@Nullable Object value) {
        double number = Values.number(value);
        return number > 0 && number < Double.POSITIVE_INFINITY ? number : 0;
    }

    /// The same as a whole number.
    static long count(@Nullable Object value) {
        return (long) Math.min(amount(value), 1L << 53);
    }
}
