package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Workers come, change and go.
final class WorkerEvents {
    /// Longer than anything runs; beyond it a heartbeat is wrong.
    private static final double RUNNING_SECONDS_MAX = 1e9;

    private final SchedulerState state;
    private final Outbox outbox;

    WorkerEvents(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void joined(Event.WorkerJoined event) {
        WorkerEntry before = state.workers.get(event.worker());
        if (before != null && before.status == WorkerStatus.CLOSED) {
            state.slices.settle(before);
        } else if (before != null) {
            return; // The shell has refused it already.
        }
        var worker = new WorkerEntry(event, state.nextSequence(), state.config.bandwidthBytesPerSecond());
        Pool pool = state.pool(event.runtime());
        worker.pool = pool;
        state.workers.put(worker.address, worker);
        pool.all.add(worker);
        pool.totalThreads += worker.nthreads;
        state.threads.add(worker.nthreads, state.nowNanos);
        state.counters.workersAdded++;
        if (worker.status == WorkerStatus.RUNNING) {
            startRunning(worker);
        }
        state.occupancy.refresh(worker);
    }

    private void startRunning(WorkerEntry worker) {
        Occupancy.pool(worker).run(worker);
        state.newlyRunning.add(worker);
    }

    void statusChanged(Event.WorkerStatusChanged event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker != null) {
            status(worker, event.status());
        }
    }

    void status(WorkerEntry worker, WorkerStatus status) {
        if (worker.status == status || worker.status == WorkerStatus.CLOSED) {
            return;
        }
        worker.status = status;
        if (worker.status == WorkerStatus.RUNNING) {
            if (worker.retirement != Retirement.MOVING) {
                worker.retirement = Retirement.NONE;
            }
            startRunning(worker);
        } else {
            Occupancy.pool(worker).leave(worker);
        }
        state.occupancy.refresh(worker);
    }

    void setResources(Event.SetResources event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker != null) {
            worker.resources.putAll(event.resources());
            if (worker.status == WorkerStatus.RUNNING) {
                state.newlyRunning.add(worker);
            }
        }
    }

    void heartbeat(Event.WorkerHeartbeat event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null) {
            return;
        }
        worker.running = running(worker, event.executing());
        worker.memory.heartbeat(
                event, worker.storedBytes, state.config.memory().recentToOld().toNanos(), state.nowNanos);
        if (!event.spanMetrics().isEmpty()) {
            state.spans.heartbeat(event.spanMetrics());
        }
        if (event.bandwidthBytesPerSecond() > 0) {
            worker.bandwidthBytesPerSecond = event.bandwidthBytesPerSecond();
            double share = 1.0 / state.workers.size();
            state.occupancy.bandwidthBytesPerSecond =
                    state.occupancy.bandwidthBytesPerSecond * (1 - share) + event.bandwidthBytesPerSecond() * share;
        }
    }

    /// What of it is so, with its tasks seen to run: mostly all, and nothing is copied then.
    private Map<TaskKey, Double> running(WorkerEntry worker, Map<TaskKey, Double> executing) {
        if (executing.isEmpty()) {
            return executing;
        }
        int known = 0;
        for (Map.Entry<TaskKey, Double> entry : executing.entrySet()) {
            TaskState task = state.tasks.get(entry.getKey());
            if (task != null) {
                task.group.prefix.observeRunning(entry.getValue());
                if (runs(task, worker, entry.getValue())) {
                    state.measured.efficiency.running(entry.getValue(), worker.runningSeconds(entry.getKey()));
                    known++;
                }
            }
        }
        if (known == executing.size()) {
            return executing;
        }
        Map<TaskKey, Double> running = HashMap.newHashMap(known);
        executing.forEach((key, seconds) -> {
            TaskState task = state.tasks.get(key);
            if (task != null && runs(task, worker, seconds)) {
                running.put(key, seconds);
            }
        });
        return running;
    }

    private static boolean runs(TaskState task, WorkerEntry worker, double seconds) {
        return task.processingOn == worker && seconds > 0 && seconds < RUNNING_SECONDS_MAX;
    }

    /// What very much is there of goes in slices; until then the worker stays, closed.
    void left(Event.WorkerLeft event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null || worker.status == WorkerStatus.CLOSED) {
            return;
        }
        worker.status = WorkerStatus.CLOSED;
        Occupancy.pool(worker).leave(worker);
        state.newlyRunning.remove(worker);
        if (!event.expected()) {
            state.measured.lost();
        }
        if (worker.processing.size() + worker.hasWhat.size() > state.slices.size) {
            state.occupancy.refresh(worker);
            state.slices.add(new WorkerExit(state, this, worker, event));
        } else {
            leave(worker, event);
        }
    }

    /// Closed as it is.
    void leave(WorkerEntry worker, Event.WorkerLeft event) {
        state.workers.remove(worker.address);
        Pool pool = Occupancy.pool(worker);
        pool.all.remove(worker);
        pool.totalThreads -= worker.nthreads;
        state.threads.add(-worker.nthreads, state.nowNanos);
        state.counters.workersRemoved++;

        state.moved.left(worker, state.workers.values());
        state.shuffles.workerLeaves();
        if (!event.expected()) {
            suspect(worker, List.copyOf(worker.processing), event.stimulusId());
        }
        var recommendations = new Recommendations();
        for (TaskState task : worker.processing) {
            recommendations.add(task, TaskStatus.RELEASED);
        }
        for (TaskState task : List.copyOf(worker.hasWhat)) {
            lose(worker, task, recommendations);
        }
        state.transitions.run(recommendations, event.stimulusId());
        state.shuffles.workerLeft(worker.address, event.stimulusId());
        for (WorkerEntry other : new ArrayList<>(state.workers.values())) {
            outbox.worker(other, new Command.RemoveWorker(worker.address, event.stimulusId()));
        }
    }

    /// Tasks that were on a worker that died may have killed it; after so many deaths they are taken to have.
    /// They fail before what the worker held is lost, as otherwise one whose inputs it held would only wait for
    /// them again. And before what follows from any of it, as in Dask: what needs one of them and fails for
    /// another lets go of it, and what is lost with the worker may need it again.
    void suspect(WorkerEntry worker, List<TaskState> tasks, String stimulus) {
        var recommendations = new Recommendations();
        state.transitions.stimulus = stimulus;
        for (TaskState task : tasks) {
            task.uncommon().suspicious++;
            task.group.prefix.suspicious++;
            if (task.uncommon.suspicious > state.config.allowedFailures()) {
                task.blame(task, new Failure.KilledWorkers(worker.address, state.config.allowedFailures()));
                state.transitions.step(task, TaskStatus.ERRED, recommendations);
            }
        }
        state.transitions.run(recommendations, stimulus);
    }

    /// The worker does not hold the task's result any more.
    void lose(WorkerEntry worker, TaskState task, Recommendations recommendations) {
        boolean last = task.whoHas.size() == 1 || worker.actors.contains(task);
        state.occupancy.removeReplica(worker, task);
        if (last) {
            recommendations.add(task, task.runSpec == null ? TaskStatus.FORGOTTEN : TaskStatus.RELEASED);
        }
    }
}
