package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Histogram;
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
/// @param unrunnable tasks that none of the present workers can be given: those in `no-worker`, and queued ones that
///     have no running worker at all
/// @param stealing by how dear the stolen tasks are to move; empty if stealing is off
/// @param desiredWorkers how many workers the present load could use; Dask's adaptive target
/// @param measured of all tasks
public record SchedulerSnapshot(
        Map<TaskStatus, Long> tasksByStatus,
        List<WorkerSnapshot> workers,
        List<PrefixSnapshot> prefixes,
        long unrunnable,
        int clients,
        int taskGroups,
        int desiredWorkers,
        long clientsAdded,
        long clientsRemoved,
        long workersAdded,
        long workersRemoved,
        List<StealingSnapshot> stealing,
        MeasuredSnapshot measured) {

    /// So many prefixes are measured for themselves, those that appear first; the others share
    /// [MeasuredSnapshot#otherDurations].
    public static final int PREFIXES_MAX = 500;
    /// The name that these have together; a prefix of this name is one of them.
    public static final String OTHER_PREFIXES = "other";

    public static final SchedulerSnapshot EMPTY = new SchedulerSnapshot(
            Map.of(), List.of(), List.of(), 0, 0, 0, 0, 0, 0, 0, 0, List.of(), MeasuredSnapshot.NONE);

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
            long suspicious,
            Histogram.Copy durations) {}

    /// What was measured since start, times in seconds.
    ///
    /// @param queueWaits from when a task could be given to a worker until it was
    /// @param transfers of inputs between workers, as workers report them with a finished task
    /// @param otherDurations of tasks of prefixes beyond [#PREFIXES_MAX], whose own histograms are empty
    /// @param threads of all workers now
    /// @param computeSeconds that tasks took, each counted when it ended
    /// @param threadSeconds that threads were there
    /// @param efficiency computing over available time of about the last minute; NaN without threads
    /// @param workersLost workers that left without having said so or been asked to
    public record MeasuredSnapshot(
            Histogram.Copy queueWaits,
            Histogram.Copy transfers,
            Histogram.Copy otherDurations,
            int threads,
            double computeSeconds,
            double threadSeconds,
            double efficiency,
            long workersLost) {
        public static final MeasuredSnapshot NONE = new MeasuredSnapshot(
                Histogram.Copy.EMPTY, Histogram.Copy.EMPTY, Histogram.Copy.EMPTY, 0, 0, 0, Double.NaN, 0);
    }
}
