package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One run of the active memory manager: what its policies suggest, as far as it makes sense. A suggestion names a
/// task; which worker is to fetch or drop a copy is found here, by memory in use, what was suggested before in
/// this run included. Of equals the worker that joined, or got its copy, first is taken. Source of the rules:
/// `ActiveMemoryManagerExtension`.
final class ReplicaSuggestions {
    /// Workers that are to fetch or to drop a copy of a task, in the order of suggestion.
    private record Pending(Set<WorkerEntry> fetch, Set<WorkerEntry> drop) {}

    private final SchedulerState state;
    private final Map<TaskState, Pending> pending = new LinkedHashMap<>();
    private final Map<WorkerEntry, Long> memory = new HashMap<>();

    ReplicaSuggestions(SchedulerState state) {
        this.state = state;
        MemoryMeasure measure = state.config.memory().measure();
        for (WorkerEntry worker : state.workers.values()) {
            memory.put(worker, worker.memory.of(measure, worker.storedBytes));
        }
    }

    private long memory(WorkerEntry worker) {
        return memory.getOrDefault(worker, 0L);
    }

    /// Copies that will come less those that will go, by what is suggested already.
    int pendingChange(TaskState task) {
        Pending known = pending.get(task);
        return known == null ? 0 : known.fetch.size() - known.drop.size();
    }

    boolean isToBeFetched(TaskState task) {
        Pending known = pending.get(task);
        return known != null && !known.fetch.isEmpty();
    }

    private Pending pending(TaskState task) {
        return pending.computeIfAbsent(task, t -> new Pending(new LinkedHashSet<>(), new LinkedHashSet<>()));
    }

    /// One more copy.
    ///
    /// @return where; null if there is no worker for it
    @Nullable
    WorkerEntry replicate(TaskState task) {
        if (task.status != TaskStatus.MEMORY || task.options.actor()) {
            return null;
        }
        Set<WorkerEntry> coming = pending(task).fetch;
        WorkerEntry best = null;
        for (WorkerEntry worker : state.pool(task.runtime).running) {
            if (!task.whoHas.contains(worker)
                    && !coming.contains(worker)
                    && (best == null || memory(worker) < memory(best))) {
                best = worker;
            }
        }
        if (best != null) {
            coming.add(best);
            memory.merge(best, task.sizeBytes(), Long::sum);
        }
        return best;
    }

    /// One copy less, of one of these workers. Never the last, and none that a task on the worker needs.
    ///
    /// @return where; null if every copy stays
    @Nullable
    WorkerEntry drop(TaskState task, Collection<WorkerEntry> among) {
        Set<WorkerEntry> going = pending(task).drop;
        if (task.whoHas.size() - going.size() < 2 || task.options.actor()) {
            return null;
        }
        Set<WorkerEntry> users = new HashSet<>();
        for (TaskState waiter : task.waiters) {
            if (waiter.processingOn != null) {
                users.add(waiter.processingOn);
            }
        }
        WorkerEntry best = null;
        int candidates = 0;
        boolean used = false;
        boolean usedByRunning = false;
        for (WorkerEntry worker : task.whoHas) {
            if (!among.contains(worker) || going.contains(worker)) {
                continue;
            }
            if (users.contains(worker)) {
                used = true;
                usedByRunning |= worker.status == WorkerStatus.RUNNING;
                continue;
            }
            candidates++;
            if (best == null || isBetterToDropFrom(worker, best)) {
                best = worker;
            }
        }
        if (best == null) {
            return null;
        }
        // The other copies are on workers that are paused or leave, and will go when nothing there needs them. If
        // this one went now, it would have to be fetched again then.
        if (candidates == 1 && best.status == WorkerStatus.RUNNING && used && !usedByRunning) {
            return null;
        }
        going.add(best);
        memory.put(best, Math.max(0, memory(best) - task.sizeBytes()));
        return best;
    }

    /// Workers that are paused or leave come first, then those that use most memory.
    private boolean isBetterToDropFrom(WorkerEntry worker, WorkerEntry than) {
        boolean runs = worker.status == WorkerStatus.RUNNING;
        if (runs != (than.status == WorkerStatus.RUNNING)) {
            return !runs;
        }
        return memory(worker) > memory(than);
    }

    /// Tells the workers. A copy that is to be dropped is gone at once by the scheduler's account; a worker that
    /// still needs it says so and is a holder again.
    void enact(Outbox outbox, String stimulus) {
        Map<WorkerEntry, List<Command.Dependency>> fetches = new LinkedHashMap<>();
        Map<WorkerEntry, List<TaskKey>> drops = new LinkedHashMap<>();
        pending.forEach((task, change) -> {
            for (WorkerEntry worker : change.fetch) {
                fetches.computeIfAbsent(worker, w -> new ArrayList<>())
                        .add(new Command.Dependency(task.key, Placement.addresses(task.whoHas), task.sizeBytes()));
            }
        });
        pending.forEach((task, change) -> {
            for (WorkerEntry worker : change.drop) {
                state.occupancy.removeReplica(worker, task);
                drops.computeIfAbsent(worker, w -> new ArrayList<>()).add(task.key);
            }
        });
        fetches.forEach((worker, copies) -> outbox.worker(worker, new Command.AcquireReplicas(copies, stimulus)));
        drops.forEach((worker, keys) -> {
            state.occupancy.refresh(worker);
            outbox.worker(worker, new Command.RemoveReplicas(keys, stimulus));
        });
    }
}
