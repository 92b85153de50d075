package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.util.List;
import java.util.Map;

/// In which of the five states of `dask_scheduler_workers` a worker is, worked out from its occupancy and the number
/// of its tasks by Dask's own rule (`SchedulerState.check_idle_saturated`).
final class WorkerLoads {
    static final List<String> STATES = List.of("idle", "partially_saturated", "saturated", "paused", "retiring");

    private final Map<?, ?> workers;
    private final double occupancyPerThread;

    WorkerLoads(RemoteState state) {
        workers = Values.map(state.dump().get("workers"));
        double occupancy = 0;
        double threads = 0;
        for (WorkerView worker : state.cluster().workers()) {
            occupancy += Values.number(described(worker).get("occupancy"));
            threads += worker.nthreads();
        }
        occupancyPerThread = threads == 0 ? 0 : occupancy / threads;
    }

    String of(WorkerView worker) {
        if (worker.status().equals(WorkerStatus.PAUSED.wireName())) {
            return "paused";
        }
        if (!worker.status().equals(WorkerStatus.RUNNING.wireName())) {
            return "retiring";
        }
        Map<?, ?> described = described(worker);
        double occupancy = Values.number(described.get("occupancy"));
        double processing = 0;
        for (Object count : Values.map(described.get("task_prefix_count")).values()) {
            processing += Values.number(count);
        }
        int threads = worker.nthreads();
        if (processing < threads || occupancy < threads * occupancyPerThread / 2) {
            return "idle";
        }
        double pending = occupancy * (processing - threads) / (processing * threads);
        return processing > threads && pending > 0.4 && pending > 1.9 * occupancyPerThread
                ? "saturated"
                : "partially_saturated";
    }

    private Map<?, ?> described(WorkerView worker) {
        return Values.map(workers.get(worker.address()));
    }
}
