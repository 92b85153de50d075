package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A scheduler's snapshot as metric families, by the names and with the labels of Dask 2024.12 and 2026.7, and those
/// of 2019 that today's Dask no longer has (`received_tasks`, `unrunnable_tasks`).
final class SchedulerFamilies {
    private SchedulerFamilies() {}

    static void add(Families families, SchedulerSnapshot snapshot, MetricOptions.Form form) {
        families.gauge("clients", "Number of clients connected", snapshot.clients());
        families.counter(
                "client_connections_added", "Total number of client connections added", snapshot.clientsAdded());
        families.counter(
                "client_connections_removed", "Total number of client connections removed", snapshot.clientsRemoved());
        families.gauge("desired_workers", "Number of workers the present load could use", snapshot.desiredWorkers());
        addWorkers(families, snapshot, form);
        addTasks(families, snapshot, form);
        addPrefixes(families, PrefixTotals.bounded(snapshot.prefixes()));
    }

    static void add(Families families, LoopFigures loop) {
        families.gauge(
                "tick_duration_maximum_seconds",
                "Longest round of the event loop over about the last twenty seconds",
                loop.tickMaximumNanos() / 1e9);
        families.counter("tick_count", "Rounds of the event loop since the scheduler started", loop.ticks());
    }

    private static void addWorkers(Families families, SchedulerSnapshot snapshot, MetricOptions.Form form) {
        Families.Samples workers = families.gauges("workers", "Number of workers known by scheduler");
        var counts = new EnumMap<WorkerLabel, Integer>(WorkerLabel.class);
        for (WorkerSnapshot worker : snapshot.workers()) {
            counts.merge(WorkerLabel.of(worker), 1, Integer::sum);
        }
        switch (form) {
            case TODAY -> {
                for (WorkerLabel label : WorkerLabel.values()) {
                    workers.add(
                            counts.getOrDefault(label, 0), "state", label.name().toLowerCase(Locale.ROOT));
                }
            }
            case DASK_2022 ->
                workers.add(snapshot.workers().size(), "state", "connected")
                        .add(counts.getOrDefault(WorkerLabel.SATURATED, 0), "state", "saturated")
                        .add(counts.getOrDefault(WorkerLabel.IDLE, 0), "state", "idle");
            case DASK_2019 -> workers.add(snapshot.workers().size());
        }
        families.counter("workers_added", "Total number of workers added", snapshot.workersAdded());
        families.counter("workers_removed", "Total number of workers removed", snapshot.workersRemoved());
    }

    private static void addTasks(Families families, SchedulerSnapshot snapshot, MetricOptions.Form form) {
        families.gauge("received_tasks", "Number of tasks the scheduler knows now", snapshot.knownTasks());
        families.gauge("unrunnable_tasks", "Number of tasks that no present worker may run", snapshot.unrunnable());
        Families.Samples tasks = families.gauges("tasks", "Number of tasks known by scheduler");
        if (form == MetricOptions.Form.DASK_2019) {
            tasks.add(snapshot.knownTasks(), "state", "received").add(snapshot.unrunnable(), "state", "unrunnable");
        } else {
            for (TaskStatus status : TaskStatus.values()) {
                if (status != TaskStatus.FORGOTTEN) {
                    tasks.add(snapshot.tasks(status), "state", status.wireName());
                }
            }
        }
        families.counter(
                "tasks_forgotten",
                "Total number of tasks that nobody wanted any longer, and that are gone",
                snapshot.tasks(TaskStatus.FORGOTTEN));
        families.gauge("task_groups", "Number of task groups known by scheduler", snapshot.taskGroups());
    }

    private static void addPrefixes(Families families, List<PrefixSnapshot> prefixes) {
        Families.Samples suspicious = families.counters(
                "tasks_suspicious", "Total number of times a worker died while it was processing a task");
        Families.Samples compute =
                families.counters("tasks_compute_seconds", "Total amount of compute time spent in each prefix");
        Families.Samples transfer =
                families.counters("tasks_transfer_seconds", "Total amount of transfer time spent in each prefix");
        Families.Samples output = families.gauges(
                "tasks_output_bytes", "Current number of bytes in memory (without duplicates) for each prefix");
        Families.Samples totals =
                families.counters("prefix_state_totals", "Accumulated count of task prefix in each state");
        for (PrefixSnapshot prefix : prefixes) {
            suspicious.add(prefix.suspicious(), "task_prefix_name", prefix.name());
            compute.add(prefix.computeSeconds(), "task_prefix_name", prefix.name());
            transfer.add(prefix.transferSeconds(), "task_prefix_name", prefix.name());
            output.add(prefix.storedBytes(), "task_prefix_name", prefix.name());
            for (Map.Entry<TaskStatus, Long> entered : prefix.entered().entrySet()) {
                totals.add(entered.getValue(), "state", entered.getKey().wireName(), "task_prefix_name", prefix.name());
            }
        }
    }

    /// The five disjoint classes of `dask_scheduler_workers`, in Dask's order: each worker is in exactly one.
    private enum WorkerLabel {
        IDLE,
        PARTIALLY_SATURATED,
        SATURATED,
        PAUSED,
        RETIRING;

        static WorkerLabel of(WorkerSnapshot worker) {
            if (worker.status() == WorkerStatus.PAUSED) {
                return PAUSED;
            }
            if (worker.status() != WorkerStatus.RUNNING) {
                return RETIRING;
            }
            return switch (worker.load()) {
                case IDLE -> IDLE;
                case PARTIALLY_SATURATED -> PARTIALLY_SATURATED;
                case SATURATED -> SATURATED;
            };
        }
    }
}
