package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Workers as a Python worker makes Dask's `WorkerState` of them, for a function of the user's to look at.
final class DescribedWorkers {
    private DescribedWorkers() {}

    static List<Map<String, @Nullable Object>> of(List<WorkerInfo> workers, SchedulerState state) {
        List<Map<String, @Nullable Object>> described = new ArrayList<>(workers.size());
        for (WorkerInfo worker : workers) {
            described.add(of(worker, state.worker(worker.address())));
        }
        return described;
    }

    private static Map<String, @Nullable Object> of(WorkerInfo worker, @Nullable WorkerEntry live) {
        Map<String, @Nullable Object> identity = worker.identity(false);
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("address", worker.address());
        described.put("status", worker.status().wireName());
        described.put("pid", worker.pid());
        described.put("name", worker.name());
        described.put("nthreads", worker.nthreads());
        described.put("memory_limit", worker.memoryLimitBytes());
        described.put("local_directory", identity.get("local_directory"));
        described.put("nanny", worker.nanny());
        described.put("server_id", worker.serverId());
        described.put("services", identity.get("services"));
        described.put("extra", worker.extra());
        described.put("metrics", worker.metrics());
        described.put("resources", worker.resources());
        described.put("last_seen", worker.lastSeen());
        described.put("executing", worker.executing());
        described.put("nbytes", live == null ? 0L : live.storedBytes());
        List<Object> processing = new ArrayList<>();
        List<List<Object>> stored = new ArrayList<>();
        if (live != null) {
            for (TaskState task : live.processing()) {
                processing.add(task.key().value());
            }
            for (TaskState task : live.hasWhat()) {
                stored.add(List.of(task.key().value(), task.sizeBytes()));
            }
        }
        described.put("processing", processing);
        described.put("has_what", stored);
        return described;
    }
}
