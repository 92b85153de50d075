package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What workers tell of their tasks. News of an attempt that is no longer the present one, or of a task nobody
/// knows, is answered by telling the worker to drop it.
final class TaskEvents {
    /// What workers have as the run of a task that they were not told to run.
    private static final long NEVER_RUN = -1;

    private final SchedulerState state;
    private final Outbox outbox;

    TaskEvents(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void finished(Event.TaskFinished event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null) {
            return;
        }
        long run = event.runId();
        // No other task has this run.
        TaskState ran = state.tasks.likely(event.key(), t -> t.runId == run && t.processingOn == worker);
        TaskState task = ran == null ? state.tasks.get(event.key()) : ran;
        if (task == null) {
            outbox.free(worker.address, event.key(), event.stimulusId());
            return;
        }
        switch (task.status) {
            case RELEASED, QUEUED, NO_WORKER, ERRED, FORGOTTEN ->
                outbox.free(worker.address, task.key, event.stimulusId());
            case WAITING -> {
                // A dependency seemed lost while the worker had it all along; its free-keys is on the way.
            }
            case MEMORY -> {
                if (task.runId == event.runId()) {
                    addReplica(worker, task);
                } else {
                    outbox.free(worker.address, task.key, event.stimulusId());
                }
            }
            case PROCESSING -> finishedProcessing(task, worker, event);
        }
    }

    private void finishedProcessing(TaskState task, WorkerEntry worker, Event.TaskFinished event) {
        if (task.processingOn != worker) {
            outbox.free(worker.address, task.key, event.stimulusId());
            return;
        }
        if (task.runId != event.runId()) {
            state.transitions.transition(task, TaskStatus.RELEASED, event.stimulusId());
            return;
        }
        if (task.traced) {
            state.tracing.finished(task, event);
        }
        observe(task, event.startStops());
        task.group.resultBytes += Math.max(0, event.sizeBytes()) - task.sizeBytes();
        task.sizeBytes = event.sizeBytes();
        task.type = task.group.sharedType(event.type());
        task.typeName = task.group.sharedTypeName(event.typeName());
        state.transitions.transition(task, TaskStatus.MEMORY, event.stimulusId());
    }

    private void observe(TaskState task, List<Event.StartStop> startStops) {
        TaskPrefix prefix = task.group.prefix;
        for (Event.StartStop interval : startStops) {
            double seconds = Math.max(0, interval.stop() - interval.start());
            int action = GroupFigures.action(interval.action());
            if (action < 0) {
                continue;
            }
            task.group.observe(action, interval, seconds);
            if (action == GroupFigures.COMPUTE) {
                prefix.computeSeconds += seconds;
                prefix.observeDuration(seconds);
                state.measured.computed(task, seconds, interval.stop());
            } else if (action == GroupFigures.TRANSFER) {
                prefix.transferSeconds += seconds;
                state.measured.transferred(task, seconds, interval.stop());
            }
        }
    }

    void erred(Event.TaskErred event) {
        TaskState task = present(event.worker(), event.key());
        if (task == null) {
            inputNotRead(event);
            return;
        }
        if (task.runId != event.runId()) {
            state.transitions.transition(task, TaskStatus.RELEASED, event.stimulusId());
            return;
        }
        if (task.traced) {
            state.tracing.erred(task, event);
        }
        if (state.shuffles.startsOver(task, event.exceptionText(), event.stimulusId())) {
            return;
        }
        if (task.uncommon.retries > 0) {
            task.uncommon.retries--;
            state.transitions.transition(task, TaskStatus.WAITING, event.stimulusId());
            return;
        }
        fail(task, event);
    }

    /// A worker fetched a result that it can't read, and tells of it as of a failure of the task, which it never ran:
    /// the tasks there that it was for fail. Python's scheduler ignores the message, and they never run.
    private void inputNotRead(Event.TaskErred event) {
        TaskState input = state.tasks.get(event.key());
        if (event.runId() != NEVER_RUN || input == null || input.status != TaskStatus.MEMORY) {
            return;
        }
        for (TaskState dependent : List.copyOf(input.dependents)) {
            if (present(event.worker(), dependent.key) == dependent) {
                fail(dependent, event);
            }
        }
    }

    private void fail(TaskState task, Event.TaskErred event) {
        task.blame(
                task,
                new Failure.Raised(event.exception(), event.traceback(), event.exceptionText(), event.tracebackText()));
        state.transitions.transition(task, TaskStatus.ERRED, event.stimulusId());
    }

    /// The task if that worker is processing it.
    private @Nullable TaskState present(String worker, TaskKey key) {
        TaskState task = state.tasks.get(key);
        WorkerEntry on = task == null ? null : task.processingOn;
        return on != null && on.address.equals(worker) ? task : null;
    }

    void longRunning(Event.TaskLongRunning event) {
        TaskState task = present(event.worker(), event.key());
        if (task == null || task.processingOn == null) {
            return;
        }
        if (!Double.isNaN(event.computeSeconds())) {
            task.group.prefix.observeDuration(event.computeSeconds());
        }
        state.occupancy.secede(task.processingOn, task);
    }

    void rescheduled(Event.TaskRescheduled event) {
        TaskState task = present(event.worker(), event.key());
        if (task != null) {
            state.transitions.transition(task, TaskStatus.RELEASED, event.stimulusId());
        }
    }

    private void addReplica(WorkerEntry worker, TaskState task) {
        state.occupancy.addReplica(worker, task);
        state.occupancy.refresh(worker);
    }

    void replicasAdded(Event.ReplicasAdded event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null) {
            return;
        }
        List<TaskKey> redundant = new ArrayList<>();
        for (TaskKey key : event.keys()) {
            TaskState task = state.tasks.get(key);
            if (task != null && task.status == TaskStatus.MEMORY) {
                if (!task.whoHas.contains(worker)) {
                    state.moved.fetched(worker, task);
                }
                state.occupancy.addReplica(worker, task);
            } else {
                redundant.add(key);
            }
        }
        if (!redundant.isEmpty()) {
            outbox.worker(worker, new Command.RemoveReplicas(redundant, event.stimulusId()));
        }
        state.occupancy.refresh(worker);
    }

    void replicasDropped(Event.ReplicasDropped event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null) {
            return;
        }
        Recommendations recommendations = state.transitions.borrow();
        boolean dropped = false;
        for (TaskKey key : event.keys()) {
            if (state.tasks.likely(key, t -> t.whoHas.contains(worker)) == null) {
                // As most are: it was told to drop them.
                continue;
            }
            TaskState task = state.tasks.get(key);
            if (task == null || !task.whoHas.contains(worker)) {
                continue;
            }
            dropped = true;
            boolean actor = worker.actors.contains(task);
            state.occupancy.removeReplica(worker, task);
            if (actor || task.whoHas.isEmpty()) {
                recommendations.add(task, TaskStatus.RELEASED);
            }
        }
        if (dropped) {
            state.transitions.run(recommendations, event.stimulusId());
            state.occupancy.refresh(worker);
        }
        state.transitions.giveBack(recommendations);
    }

    void whoHasRequested(Event.WhoHasRequested event) {
        WorkerEntry worker = state.workers.get(event.worker());
        if (worker == null) {
            return;
        }
        Map<TaskKey, List<String>> whoHas = new LinkedHashMap<>();
        for (TaskKey key : event.keys()) {
            TaskState task = state.tasks.get(key);
            if (task == null || isNotFor(worker, task)) {
                outbox.free(worker.address, key, event.stimulusId());
            } else {
                whoHas.put(key, Placement.addresses(task.whoHas));
            }
        }
        if (!whoHas.isEmpty()) {
            outbox.worker(worker, new Command.RefreshWhoHas(whoHas, event.stimulusId()));
        }
    }

    /// The worker was to fetch a copy of what has since been released, and would ask for ever.
    private static boolean isNotFor(WorkerEntry worker, TaskState task) {
        return task.whoHas.isEmpty() && task.processingOn != worker && !worker.needsWhat.containsKey(task);
    }
}
