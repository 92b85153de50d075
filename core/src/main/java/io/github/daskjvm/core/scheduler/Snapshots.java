package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.Load;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.StealingSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Copies of the state for readers outside the loop. Costs time in the number of workers and prefixes, not tasks.
final class Snapshots {
    /// `distributed.adaptive.target-duration`.
    private static final double TARGET_SECONDS = 5;

    private Snapshots() {}

    static SchedulerSnapshot take(SchedulerState state) {
        Map<TaskStatus, Long> byStatus = new EnumMap<>(TaskStatus.class);
        for (TaskStatus status : TaskStatus.values()) {
            byStatus.put(status, state.counters.current[status.ordinal()]);
        }
        List<WorkerSnapshot> workers = new ArrayList<>(state.workers.size());
        for (WorkerEntry worker : state.workers.values()) {
            workers.add(worker(worker));
        }
        List<PrefixSnapshot> prefixes = new ArrayList<>(state.prefixes.size());
        for (TaskPrefix prefix : state.prefixes.values()) {
            boolean own = prefix.durations != state.measured.otherDurations;
            prefixes.add(prefix(prefix, own ? prefix.durations.copy() : Histogram.Copy.EMPTY));
        }
        int clients = 0;
        for (ClientEntry client : state.clients.values()) {
            if (client.connected) {
                clients++;
            }
        }
        long unrunnable = 0;
        for (Pool pool : state.pools.values()) {
            unrunnable += pool.tasksWithoutWorker();
        }
        return new SchedulerSnapshot(
                byStatus,
                List.copyOf(workers),
                List.copyOf(prefixes),
                unrunnable,
                clients,
                state.groups.size(),
                state.adaptiveTarget(TARGET_SECONDS),
                state.counters.clientsAdded,
                state.counters.clientsRemoved,
                state.counters.workersAdded,
                state.counters.workersRemoved,
                stealing(state),
                state.measured.copy(state.threads()));
    }

    private static List<StealingSnapshot> stealing(SchedulerState state) {
        if (!state.config.workStealing()) {
            return List.of();
        }
        StealingLevels levels = state.stealing.levels;
        List<StealingSnapshot> copies = new ArrayList<>(StealingLevels.COUNT);
        for (int level = 0; level < StealingLevels.COUNT; level++) {
            copies.add(new StealingSnapshot(
                    StealingLevels.multiplier(level), levels.requests[level], levels.costSeconds[level]));
        }
        return List.copyOf(copies);
    }

    private static WorkerSnapshot worker(WorkerEntry worker) {
        Load load = worker.idle ? Load.IDLE : worker.saturated ? Load.SATURATED : Load.PARTIALLY_SATURATED;
        return new WorkerSnapshot(
                worker.address,
                worker.name,
                worker.host,
                worker.runtime,
                worker.status,
                load,
                worker.nthreads,
                worker.memoryLimitBytes,
                worker.memoryBytes(MemoryMeasure.PROCESS),
                worker.storedBytes,
                worker.processing.size(),
                worker.hasWhat.size(),
                worker.occupancySeconds(),
                worker.nanny);
    }

    private static PrefixSnapshot prefix(TaskPrefix prefix, Histogram.Copy durations) {
        Map<TaskStatus, Long> entered = new EnumMap<>(TaskStatus.class);
        Map<TaskStatus, Integer> current = new EnumMap<>(TaskStatus.class);
        for (TaskStatus status : TaskStatus.values()) {
            if (prefix.entered[status.ordinal()] > 0) {
                entered.put(status, prefix.entered[status.ordinal()]);
            }
            current.put(status, prefix.count(status));
        }
        return new PrefixSnapshot(
                prefix.name,
                entered,
                current,
                prefix.computeSeconds,
                prefix.transferSeconds,
                prefix.storedBytes,
                prefix.suspicious,
                durations);
    }
}
