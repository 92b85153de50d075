package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the scheduler was at one moment, immutable: for metrics and pages, which never touch the live state.
///
/// @param tasksByStatus all eight states; `FORGOTTEN` counts those forgotten since start
/// @param clients connected ones, pseudo clients such as `fire-and-forget` not counted
/// @param stealing by how dear the stolen tasks are to move; empty if stealing is off
/// @param desiredWorkers how many workers the present load could use; Dask's adaptive target
public record SchedulerSnapshot(
        Map<TaskStatus, Long> tasksByStatus,
        List<WorkerSnapshot> workers,
        List<PrefixSnapshot> prefixes,
        int clients,
        int taskGroups,
        int desiredWorkers,
        long clientsAdded,
        long clientsRemoved,
        long workersAdded,
        long workersRemoved,
        List<StealingSnapshot> stealing) {

    public static final SchedulerSnapshot EMPTY =
            new SchedulerSnapshot(Map.of(), List.of(), List.of(), 0, 0, 0, 0, 0, 0, 0, List.of());

    /// Tasks now known.
    public long knownTasks() {
        long known = 0;
        for (var entry : tasksByStatus.entrySet()) {
            if (entry.getKey() != TaskStatus.FORGOTTEN) {
                known += entry.getValue();
            }
        }
        return known;
    }

    public long tasks(TaskStatus status) {
        return tasksByStatus.getOrDefault(status, 0L);
    }

    /// @param load what Dask's metric calls a worker's state, beside its status
    public record WorkerSnapshot(
            String address,
            String name,
            String host,
            Runtime runtime,
            WorkerStatus status,
            Load load,
            int nthreads,
            long memoryLimitBytes,
            long processMemoryBytes,
            long storedBytes,
            int processing,
            int storedKeys,
            double occupancySeconds,
            @Nullable String nanny) {}

    /// Steal requests of one cost level since start.
    ///
    /// @param costMultiplier of the level, its label in metrics
    /// @param costSeconds what the tasks asked for were expected to take, in all
    public record StealingSnapshot(double costMultiplier, long requests, double costSeconds) {}

    /// How busy a running worker is.
    public enum Load {
        IDLE,
        PARTIALLY_SATURATED,
        SATURATED
    }

    /// @param entered how often a task of the prefix entered each state that occurred
    public record PrefixSnapshot(
            String name,
            Map<TaskStatus, Long> entered,
            Map<TaskStatus, Integer> current,
            double computeSeconds,
            double transferSeconds,
            long storedBytes,
            long suspicious) {}
}
