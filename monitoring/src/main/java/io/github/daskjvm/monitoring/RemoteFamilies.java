package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.monitoring.remote.RemoteState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A scheduler in another process as metric families, under the names of Dask's own where the meaning is the same.
/// While it does not answer there is `dask_scheduler_up` 0 and what is counted here.
final class RemoteFamilies {
    private RemoteFamilies() {}

    static void add(Families families, MetricOptions options, RemoteState state, String address) {
        families.everywhere(options.labels("scheduler", address));
        families.subsystem("scheduler").gauge("up", "Whether the scheduler answers", state.isUp() ? 1 : 0);
        families.subsystem("monitor");
        families.counter("polls", "Times that the scheduler answered", state.answers());
        families.counter("poll_failures", "Times that the scheduler did not answer", state.failures());
        families.counter("connects", "Times that the scheduler came, or came back", state.connects());
        if (state.isUp()) {
            families.gauge("poll_seconds", "How long its latest answer took", state.seconds());
            families.subsystem("scheduler");
            addScheduler(families, state);
            addWorkers(families, state.snapshot());
            addTasks(families, state.snapshot());
            addPrefixes(families, state.snapshot());
        }
    }

    private static void addScheduler(Families families, RemoteState state) {
        families.gauge(
                "clients", "Number of clients connected", state.snapshot().clients());
        families.gauge(
                "desired_workers",
                "Number of workers scheduler needs for task graph",
                state.snapshot().desiredWorkers());
        families.gauge(
                "start_time_seconds",
                "Start time of the scheduler since 1970",
                state.cluster().startedSeconds());
        if (state.dump().get("transition_counter") instanceof Number transitions) {
            families.counter("transitions", "Total number of transitions of tasks", transitions.doubleValue());
        }
    }

    private static void addWorkers(Families families, SchedulerSnapshot snapshot) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String label : List.of("idle", "partially_saturated", "saturated", "paused", "retiring")) {
            counts.put(label, 0);
        }
        long threads = 0;
        for (WorkerSnapshot worker : snapshot.workers()) {
            counts.merge(label(worker), 1, Integer::sum);
            threads += worker.nthreads();
        }
        Families.Samples workers = families.gauges("workers", "Number of workers known by scheduler");
        counts.forEach((label, count) -> workers.add(count, "state", label));
        families.gauge("threads", "Number of threads of all workers", threads);
        MemoryFamilies.add(families, snapshot);
    }

    private static String label(WorkerSnapshot worker) {
        if (worker.status() == WorkerStatus.PAUSED) {
            return "paused";
        }
        return worker.status() == WorkerStatus.RUNNING ? worker.load().name().toLowerCase(Locale.ROOT) : "retiring";
    }

    /// Dask too takes its counts from the groups that have tasks yet.
    private static void addTasks(Families families, SchedulerSnapshot snapshot) {
        Families.Samples tasks = families.gauges("tasks", "Number of tasks known by scheduler");
        for (TaskStatus status : TaskStatus.values()) {
            if (status != TaskStatus.FORGOTTEN) {
                tasks.add(snapshot.tasks(status), "state", status.wireName());
            }
        }
        families.gauge("received_tasks", "Number of tasks the scheduler knows now", snapshot.knownTasks());
        families.gauge("unrunnable_tasks", "Number of tasks that no present worker may run", snapshot.unrunnable());
        families.gauge("task_groups", "Number of task groups known by scheduler", snapshot.taskGroups());
    }

    /// A dump tells of the groups that are there now, so only what Dask too counts over these has Dask's name.
    private static void addPrefixes(Families families, SchedulerSnapshot snapshot) {
        Families.Samples output = families.gauges(
                "tasks_output_bytes", "Current number of bytes in memory (without duplicates) for each prefix");
        Families.Samples tasks = families.gauges("prefix_tasks", "Number of tasks of each prefix by state");
        Families.Samples compute = families.gauges(
                "prefix_compute_seconds", "Compute time of the task groups that are known now, for each prefix");
        Families.Samples transfer = families.gauges(
                "prefix_transfer_seconds", "Transfer time of the task groups that are known now, for each prefix");
        for (PrefixSnapshot prefix : PrefixTotals.bounded(present(snapshot))) {
            output.add(prefix.storedBytes(), LabelNames.PREFIX, prefix.name());
            compute.add(prefix.computeSeconds(), LabelNames.PREFIX, prefix.name());
            transfer.add(prefix.transferSeconds(), LabelNames.PREFIX, prefix.name());
            prefix.current().forEach((status, count) -> {
                if (status != TaskStatus.FORGOTTEN) {
                    tasks.add(count, "state", status.wireName(), LabelNames.PREFIX, prefix.name());
                }
            });
        }
    }

    private static List<PrefixSnapshot> present(SchedulerSnapshot snapshot) {
        return snapshot.prefixes().stream()
                .filter(prefix -> !prefix.current().isEmpty())
                .toList();
    }
}
