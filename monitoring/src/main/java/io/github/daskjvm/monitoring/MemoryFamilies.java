package io.github.daskjvm.monitoring;

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
                fullest = Math.max(fullest, (double) worker.processMemoryBytes() / worker.memoryLimitBytes());
            }
        }
        families.gauge(
                "workers_memory_bytes",
                "Memory of all workers: the processes of Python workers, the heap in use of JVM workers",
                used);
        families.gauge(
                "workers_memory_limit_bytes", "Memory limits of all workers, without those that have none", limit);
        families.gauge("worker_memory_ratio_maximum", "Memory of the fullest worker over its limit", fullest);
    }
}
