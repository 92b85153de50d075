package io.github.daskjvm.core.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where a task may run: on which workers, by address, name or host, and with which resources. A worker qualifies
/// by the resources it has, not by those that are free: the worker itself makes tasks wait for them.
final class Restrictions {
    private Restrictions() {}

    static List<WorkerEntry> validWorkers(TaskState task, Pool pool) {
        List<WorkerEntry> valid = new ArrayList<>();
        for (WorkerEntry worker : pool.running) {
            if (allows(task, worker) && hasResources(task, worker)) {
                valid.add(worker);
            }
        }
        return valid;
    }

    static List<WorkerEntry> withResources(TaskState task, Pool pool) {
        List<WorkerEntry> valid = new ArrayList<>();
        for (WorkerEntry worker : pool.running) {
            if (hasResources(task, worker)) {
                valid.add(worker);
            }
        }
        return valid;
    }

    static boolean allows(TaskState task, WorkerEntry worker) {
        List<String> allowed = task.uncommon.workerRestrictions;
        if (allowed == null) {
            return true;
        }
        for (String each : allowed) {
            if (each.equals(worker.address)
                    || each.equals(worker.name)
                    || each.equals(worker.host)
                    || worker.address.endsWith("://" + each)) {
                return true;
            }
        }
        return false;
    }

    static boolean hasResources(TaskState task, WorkerEntry worker) {
        for (Map.Entry<String, Double> needed : task.options.resources().entrySet()) {
            if (worker.resources.getOrDefault(needed.getKey(), 0.0) < needed.getValue()) {
                return false;
            }
        }
        return true;
    }

    static void acquire(TaskState task, WorkerEntry worker) {
        for (Map.Entry<String, Double> needed : task.options.resources().entrySet()) {
            worker.usedResources.merge(needed.getKey(), needed.getValue(), Double::sum);
        }
    }

    static void release(TaskState task, WorkerEntry worker) {
        for (Map.Entry<String, Double> needed : task.options.resources().entrySet()) {
            worker.usedResources.merge(needed.getKey(), -needed.getValue(), Double::sum);
        }
    }
}
