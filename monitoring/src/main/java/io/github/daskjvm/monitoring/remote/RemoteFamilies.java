package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.monitoring.aggregate.FamilyList;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.util.LinkedHashMap;
import java.util.Map;

/// A scheduler in another process as metric families, under the names of Dask's own where the meaning is the same.
/// While it does not answer there is `dask_scheduler_up` 0 and what is counted here.
final class RemoteFamilies {
    private static final String FIRE_AND_FORGET = "fire-and-forget";

    private RemoteFamilies() {}

    static byte[] page(String namespace, RemoteState state) {
        var families = new FamilyList(namespace + "_");
        families.gauge("scheduler_up", "Whether the scheduler answers", state.isUp() ? 1 : 0);
        families.counter("monitor_polls_total", "Times that the scheduler answered", state.answers());
        families.counter("monitor_poll_failures_total", "Times that the scheduler did not answer", state.failures());
        families.counter("monitor_connects_total", "Times that the scheduler came, or came back", state.connects());
        if (state.isUp()) {
            families.gauge("monitor_poll_seconds", "How long its latest answer took", state.seconds());
            add(families, state);
        }
        return families.write();
    }

    private static void add(FamilyList families, RemoteState state) {
        long clients = Values.map(state.dump().get("clients")).keySet().stream()
                .filter(client -> !FIRE_AND_FORGET.equals(client))
                .count();
        families.gauge("scheduler_clients", "Number of clients connected", clients);
        families.gauge(
                "scheduler_desired_workers",
                "Number of workers scheduler needs for task graph",
                state.desiredWorkers());
        families.gauge(
                "scheduler_start_time_seconds",
                "Start time of the scheduler since 1970",
                state.cluster().startedSeconds());
        if (state.dump().get("transition_counter") instanceof Number transitions) {
            families.counter(
                    "scheduler_transitions_total", "Total number of transitions of tasks", transitions.doubleValue());
        }
        addWorkers(families, state);
        addMemory(families, state);
        addTasks(families, Values.map(state.dump().get("task_groups")));
    }

    private static void addWorkers(FamilyList families, RemoteState state) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String label : WorkerLoads.STATES) {
            counts.put(label, 0);
        }
        var loads = new WorkerLoads(state);
        for (WorkerView worker : state.cluster().workers()) {
            counts.merge(loads.of(worker), 1, Integer::sum);
        }
        FamilyList.Samples workers = families.gauges("scheduler_workers", "Number of workers known by scheduler");
        counts.forEach((label, count) -> workers.add(count, "state", label));
    }

    /// Threads and memory as workers' heartbeats have them; of a JVM worker's memory its results count for the ratio.
    private static void addMemory(FamilyList families, RemoteState state) {
        double threads = 0;
        double used = 0;
        double limits = 0;
        double fullest = 0;
        for (WorkerView worker : state.cluster().workers()) {
            double memory = Values.number(worker.metrics().get("memory"));
            double limit = worker.memoryLimitBytes();
            threads += worker.nthreads();
            used += memory;
            limits += limit;
            if (limit > 0) {
                boolean jvm = worker.runtime().equals(Runtime.JVM.wireName());
                double counted = jvm ? Values.number(worker.metrics().get("managed_bytes")) : memory;
                fullest = Math.max(fullest, counted / limit);
            }
        }
        families.gauge("scheduler_threads", "Number of threads of all workers", threads);
        families.gauge("scheduler_workers_memory_bytes", "Resident memory of all workers", used);
        families.gauge(
                "scheduler_workers_memory_limit_bytes",
                "Memory limits of all workers, without those that have none",
                limits);
        families.gauge(
                "scheduler_worker_memory_ratio_maximum",
                "Memory of the fullest worker over its limit: the process of a Python worker, the results of a JVM worker",
                fullest);
    }

    /// Dask too takes its counts from the groups that have tasks yet.
    private static void addTasks(FamilyList families, Map<?, ?> groups) {
        Map<String, Double> counts = new LinkedHashMap<>();
        for (Object group : groups.values()) {
            Values.map(Values.map(group).get("states")).forEach((state, count) -> {
                if (state instanceof String name) {
                    counts.merge(name, Values.number(count), Double::sum);
                }
            });
        }
        double known = 0;
        FamilyList.Samples tasks = families.gauges("scheduler_tasks", "Number of tasks known by scheduler");
        for (TaskStatus status : TaskStatus.values()) {
            if (status != TaskStatus.FORGOTTEN) {
                double count = counts.getOrDefault(status.wireName(), 0.0);
                known += count;
                tasks.add(count, "state", status.wireName());
            }
        }
        families.gauge("scheduler_received_tasks", "Number of tasks the scheduler knows now", known);
        families.gauge(
                "scheduler_unrunnable_tasks",
                "Number of tasks that no present worker may run",
                counts.getOrDefault(TaskStatus.NO_WORKER.wireName(), 0.0));
        families.gauge("scheduler_task_groups", "Number of task groups known by scheduler", groups.size());
    }
}
