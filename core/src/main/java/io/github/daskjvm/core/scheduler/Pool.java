package io.github.daskjvm.core.scheduler;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The workers of one runtime. Each pool is placed on as if it were a cluster of its own, since no task of one
/// runtime can run on a worker of the other.
final class Pool {
    final Set<WorkerEntry> all = new LinkedHashSet<>();
    final Set<WorkerEntry> running = new LinkedHashSet<>();

    private @Nullable List<WorkerEntry> inOrder;
    /// Running workers without enough to do.
    final IdleWorkers idle = new IdleWorkers();
    /// Running workers with more to do than their fair share.
    final Set<WorkerEntry> saturated = new LinkedHashSet<>();
    /// Running workers that may be given another root task.
    final OpenWorkers open = new OpenWorkers();
    /// Root tasks held back until a worker has a thread for them.
    final TaskQueue queued = new TaskQueue();
    /// Tasks that none of the running workers may run, with the time since when, the longest first.
    final Map<TaskState, Long> unrunnable = new LinkedHashMap<>();

    /// Since when there is something to run and no running worker; null when there is not, and without a timeout
    /// for that. Kept by [NoWorkers].
    @Nullable
    Long noWorkersSinceNanos;

    /// How many running workers may be left alone for so many milliseconds.
    private final int[] atLeisure = new int[Occupancy.LEISURE_MAX_MILLIS + 1];

    /// Times that a worker was out of work while root tasks were held back.
    long ranDry;
    /// Workers with more to do than threads, or that do nothing of what they have, and that are not idle.
    int crowded;

    int totalThreads;
    /// Tasks processing and not seceded, by prefix, over all workers.
    final PrefixCounts processingByPrefix = new PrefixCounts();

    long neededBytes;
    /// Tasks ever placed; turns the round robin.
    long placed;

    /// How many tasks no present worker can be given: without any that runs, queued ones too.
    int tasksWithoutWorker() {
        return unrunnable.size() + (running.isEmpty() ? queued.size() : 0);
    }

    void run(WorkerEntry worker) {
        running.add(worker);
        inOrder = null;
    }

    /// Those that run, by their number in the order in which they began to.
    WorkerEntry running(int index) {
        if (inOrder == null) {
            inOrder = List.copyOf(running);
        }
        return inOrder.get(index);
    }

    void leave(WorkerEntry worker) {
        running.remove(worker);
        inOrder = null;
        sort(worker, false, false, false);
        crowd(worker, false);
        leaveAlone(worker, -1);
    }

    /// @param millis for so long; -1 for a worker that does not run
    void leaveAlone(WorkerEntry worker, int millis) {
        int before = worker.leisureMillis;
        if (before != millis) {
            worker.leisureMillis = millis;
            if (before >= 0) {
                atLeisure[before]--;
            }
            if (millis >= 0) {
                atLeisure[millis]++;
            }
        }
    }

    /// For how many milliseconds every running worker may be left alone; the most there is without any.
    int leisureMillis() {
        int millis = 0;
        while (millis < Occupancy.LEISURE_MAX_MILLIS && atLeisure[millis] == 0) {
            millis++;
        }
        return millis;
    }

    void crowd(WorkerEntry worker, boolean isCrowded) {
        if (worker.crowded != isCrowded) {
            worker.crowded = isCrowded;
            crowded += isCrowded ? 1 : -1;
        }
    }

    /// Whether there are workers that could take work off others.
    boolean isUneven() {
        return crowded > 0 && !idle.isEmpty();
    }

    /// Puts the worker into these sets, and takes it out of the others. Mostly nothing changes, but for its
    /// place among the open ones. Whenever its tasks have.
    void sort(WorkerEntry worker, boolean isIdle, boolean isSaturated, boolean isOpen) {
        if (worker.idle != isIdle) {
            worker.idle = isIdle;
            if (isIdle) {
                idle.add(worker);
            } else {
                idle.take(worker);
            }
        }
        if (worker.saturated != isSaturated) {
            worker.saturated = isSaturated;
            if (isSaturated) {
                saturated.add(worker);
            } else {
                saturated.remove(worker);
            }
        }
        if (isOpen) {
            open.put(worker);
        } else if (worker.open) {
            open.remove(worker);
        }
        worker.open = isOpen;
    }
}
