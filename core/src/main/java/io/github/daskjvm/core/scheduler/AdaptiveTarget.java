package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;

/// How many workers would do the present work within a target duration; source: Dask's
/// `Scheduler.adaptive_target`, without its look at which workers could close.
final class AdaptiveTarget {
    private static final double MEMORY_FULL = 0.6;

    private AdaptiveTarget() {}

    static int of(SchedulerState state, double targetSeconds) {
        double seconds = 0;
        long threads = 0;
        long memoryLimit = 0;
        long stored = 0;
        long ready = state.counters.current[TaskStatus.NO_WORKER.ordinal()]
                + state.counters.current[TaskStatus.QUEUED.ordinal()];
        boolean waits = ready > 0;
        for (TaskPrefix prefix : state.prefixes.values()) {
            int held = prefix.count(TaskStatus.QUEUED) + prefix.count(TaskStatus.NO_WORKER);
            seconds += held * state.occupancy.expectedSeconds(prefix);
        }
        for (Pool pool : state.pools.values()) {
            seconds += state.occupancy.total(pool);
        }
        for (WorkerEntry worker : state.workers.values()) {
            ready += worker.processing.size();
            threads += worker.nthreads;
            memoryLimit += worker.memoryLimitBytes;
            stored += worker.storedBytes;
        }
        int workers = state.workers.size();
        long wanted = Math.min((long) Math.ceil(seconds / targetSeconds), ready);
        if (workers > 0 && threads > 0) {
            wanted = (long) Math.ceil((double) wanted * workers / threads);
        } else if (waits) {
            wanted = Math.max(1, wanted);
        }
        if (memoryLimit > 0 && stored > MEMORY_FULL * memoryLimit) {
            wanted = Math.max(wanted, 2L * workers);
        }
        return (int) Math.min(wanted, Integer.MAX_VALUE);
    }
}
