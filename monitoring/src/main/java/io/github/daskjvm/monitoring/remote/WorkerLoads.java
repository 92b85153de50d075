package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot.Load;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.util.Map;

/// How busy workers are, worked out from their occupancy and the number of their tasks by Dask's own rule
/// (`SchedulerState.check_idle_saturated`).
final class WorkerLoads {
    private final Map<?, ?> workers;
    private final double occupancyPerThread;

    /// @param dump what the scheduler answered to `dump_state`
    WorkerLoads(ClusterView cluster, Map<?, ?> dump) {
        workers = Values.map(dump.get("workers"));
        double occupancy = 0;
        double threads = 0;
        for (WorkerView worker : cluster.workers()) {
            occupancy += RemoteSnapshot.amount(described(worker).get("occupancy"));
            threads += worker.nthreads();
        }
        occupancyPerThread = threads == 0 ? 0 : occupancy / threads;
    }

    /// Tasks that it was given, but for those that have left its thread pool.
    long processing(WorkerView worker) {
        long processing = 0;
        for (Object count :
                Values.map(described(worker).get("task_prefix_count")).values()) {
            processing += RemoteSnapshot.count(count);
        }
        return Math.min(processing, Integer.MAX_VALUE);
    }

    Load load(WorkerView worker) {
        double occupancy = RemoteSnapshot.amount(described(worker).get("occupancy"));
        double processing = processing(worker);
        int threads = worker.nthreads();
        if (processing < threads || occupancy < threads * occupancyPerThread / 2) {
            return Load.IDLE;
        }
        double pending = occupancy * (processing - threads) / (processing * threads);
        return processing > threads && pending > 0.4 && pending > 1.9 * occupancyPerThread
                ? Load.SATURATED
                : Load.PARTIALLY_SATURATED;
    }

    Map<?, ?> described(WorkerView worker) {
        return Values.map(workers.get(worker.address()));
    }
}
