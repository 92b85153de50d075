package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The worker's part of a cluster's dump, by the names that Dask has for it. There is no log of transitions here, so
/// `log` is empty.
final class StateDump {
    private StateDump() {}

    static Map<String, @Nullable Object> of(Worker worker) {
        Worker.Parts parts = worker.parts();
        Map<Object, Object> tasks = new LinkedHashMap<>();
        Map<Object, @Nullable Object> data = new LinkedHashMap<>();
        Map<WorkerTaskStatus, List<Object>> byStatus = new LinkedHashMap<>();
        for (var entry : parts.loop().statuses().entrySet()) {
            TaskKey key = entry.getKey();
            Map<String, @Nullable Object> task = new LinkedHashMap<>();
            task.put("key", key.value());
            task.put("state", entry.getValue().wireName());
            StoredValue value = parts.store().look(key);
            if (value != null) {
                task.put("nbytes", value.sizeBytes());
                data.put(key.value(), null);
            }
            tasks.put(key.value(), task);
            byStatus.computeIfAbsent(entry.getValue(), s -> new ArrayList<>()).add(key.value());
        }
        Map<String, @Nullable Object> state = new LinkedHashMap<>(worker.identity());
        state.put("address", worker.address());
        state.put("status", statusText(worker.status()));
        state.put("task_counts", worker.taskCounts());
        for (WorkerTaskStatus status :
                List.of(WorkerTaskStatus.READY, WorkerTaskStatus.CONSTRAINED, WorkerTaskStatus.EXECUTING)) {
            state.put(status.wireName(), byStatus.getOrDefault(status, List.of()));
        }
        state.put("long_running", byStatus.getOrDefault(WorkerTaskStatus.LONG_RUNNING, List.of()));
        state.put("in_flight_tasks", byStatus.getOrDefault(WorkerTaskStatus.FLIGHT, List.of()));
        state.put("tasks", tasks);
        state.put("data", data);
        state.put("log", List.of());
        state.put("logs", worker.log().lines());
        return state;
    }

    /// As Python shows it.
    private static String statusText(WorkerStatus status) {
        return "<Status." + status.wireName() + ": '" + status.wireName() + "'>";
    }
}
