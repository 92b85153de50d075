package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.Load;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What Dask's `/json/counts.json` holds, under its keys.
final class CountsJson {
    private CountsJson() {}

    /// `waiting_data` (results that other tasks wait for) is `null`: the snapshot does not have it.
    static Map<String, @Nullable Object> of(SchedulerSnapshot snapshot) {
        long bytes = 0;
        long cores = 0;
        long memory = 0;
        long processing = 0;
        int idle = 0;
        int saturated = 0;
        Set<String> hosts = new HashSet<>();
        for (WorkerSnapshot worker : snapshot.workers()) {
            bytes += worker.storedBytes();
            cores += worker.nthreads();
            memory += worker.storedKeys();
            processing += worker.processing();
            hosts.add(worker.host());
            if (worker.status() == WorkerStatus.RUNNING) {
                idle += worker.load() == Load.IDLE ? 1 : 0;
                saturated += worker.load() == Load.SATURATED ? 1 : 0;
            }
        }
        var counts = new LinkedHashMap<String, @Nullable Object>();
        counts.put("bytes", bytes);
        counts.put("clients", snapshot.clients());
        counts.put("cores", cores);
        counts.put("erred", snapshot.tasks(TaskStatus.ERRED));
        counts.put("hosts", hosts.size());
        counts.put("idle", idle);
        counts.put("memory", memory);
        counts.put("processing", processing);
        counts.put("released", snapshot.tasks(TaskStatus.RELEASED));
        counts.put("saturated", saturated);
        counts.put("tasks", snapshot.knownTasks());
        counts.put("unrunnable", snapshot.tasks(TaskStatus.NO_WORKER));
        counts.put("waiting", snapshot.tasks(TaskStatus.WAITING));
        counts.put("waiting_data", null);
        counts.put("workers", snapshot.workers().size());
        counts.put("desired_workers", snapshot.desiredWorkers());
        return counts;
    }
}
