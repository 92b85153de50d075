package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;

/// The workers' memory as the scheduler has it from their heartbeats, with the limit, which no worker's own page has.
final class MemoryFamilies {
    private MemoryFamilies() {}

    static void add(Families families, SchedulerSnapshot snapshot) {
        long used = 0;
        long limit = 0;
        double fullest = 0;
        for (WorkerSnapshot worker : snapshot.workers()) {
            used += worker.processMemoryBytes();
            limit += worker.memoryLimitBytes();
            if (worker.memoryLimitBytes() > 0) {
                fullest = Math.max(fullest, (double) counted(worker) / worker.memoryLimitBytes());
            }
        }
        families.gauge("workers_memory_bytes", "Resident memory of all workers", used);
        families.gauge(
                "workers_memory_limit_bytes", "Memory limits of all workers, without those that have none", limit);
        families.gauge(
                "worker_memory_ratio_maximum",
                "Memory of the fullest worker over its limit: the process of a Python worker, the results of a JVM worker",
                fullest);
    }

    /// A JVM worker's limit is one of its results: its process keeps memory that the heap once had.
    private static long counted(WorkerSnapshot worker) {
        return worker.runtime() == Runtime.JVM ? worker.storedBytes() : worker.processMemoryBytes();
    }
}
