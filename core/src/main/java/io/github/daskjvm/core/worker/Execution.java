package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerTaskStatus.CONSTRAINED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.ERROR;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.EXECUTING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.LONG_RUNNING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.READY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.WAITING;

import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The queues of tasks that could start, the places for those that run, and what becomes of them.
final class Execution {
    private final WorkerState state;
    private final TreeSet<WorkerTask> ready = new TreeSet<>(WorkerTask.ORDER);
    /// By the resources they need, so that one kind that must wait does not hold up another.
    private final Map<Map<String, Double>, TreeSet<WorkerTask>> constrained = new LinkedHashMap<>();

    private final Map<String, Double> available;
    /// By attempt. A run stays here until it ends, whatever became of its task.
    private final Map<Long, Run> runs = new HashMap<>();

    private int onThreads;
    private int returned;
    private long attempts;

    private static final class Run {
        final WorkerTask task;
        final Map<String, Double> resources;
        boolean longRunning;
        /// Was long-running, and is on a thread again.
        boolean returned;

        Run(WorkerTask task) {
            this.task = task;
            this.resources = task.resources;
        }
    }

    Execution(WorkerState state, Map<String, Double> resources) {
        this.state = state;
        this.available = new HashMap<>(resources);
    }

    void enqueue(WorkerTask task) {
        if (task.resources.isEmpty()) {
            state.move(task, READY);
            ready.add(task);
        } else {
            state.move(task, CONSTRAINED);
            constrained
                    .computeIfAbsent(task.resources, r -> new TreeSet<>(WorkerTask.ORDER))
                    .add(task);
        }
    }

    void dequeue(WorkerTask task) {
        if (task.status == READY) {
            ready.remove(task);
        } else if (task.status == CONSTRAINED) {
            TreeSet<WorkerTask> queue = constrained.get(task.resources);
            if (queue != null && queue.remove(task) && queue.isEmpty()) {
                constrained.remove(task.resources);
            }
        }
    }

    boolean isQueued(WorkerTask task) {
        TreeSet<WorkerTask> queue = constrained.get(task.resources);
        return ready.contains(task) || (queue != null && queue.contains(task));
    }

    int onThreads() {
        return onThreads;
    }

    /// Starts what has a free thread, by priority.
    void start() {
        while (onThreads < state.config.nthreads() && !state.paused) {
            WorkerTask task = next();
            if (task == null) {
                return;
            }
            dequeue(task);
            var run = new Run(task);
            task.attempt = ++attempts;
            runs.put(task.attempt, run);
            onThreads++;
            run.resources.forEach((name, amount) -> available.merge(name, -amount, Double::sum));
            var inputs = new ArrayList<TaskKey>(task.inputs.size());
            for (WorkerTask input : task.inputs) {
                inputs.add(input.key);
            }
            state.move(task, EXECUTING);
            state.lifecycle.unlink(task);
            state.instruct(new WorkerInstruction.Execute(task.attempt, task.key, task.runSpec, inputs));
        }
    }

    private @Nullable WorkerTask next() {
        WorkerTask best = ready.isEmpty() ? null : ready.first();
        for (TreeSet<WorkerTask> queue : constrained.values()) {
            WorkerTask first = queue.first();
            if (fits(first.resources) && (best == null || WorkerTask.ORDER.compare(first, best) < 0)) {
                best = first;
            }
        }
        return best;
    }

    private boolean fits(Map<String, Double> wanted) {
        for (var entry : wanted.entrySet()) {
            if (available.getOrDefault(entry.getKey(), 0.0) < entry.getValue()) {
                return false;
            }
        }
        return true;
    }

    /// Frees what the run held.
    ///
    /// @return its task, if this run still counts
    private @Nullable WorkerTask ended(long attempt) {
        Run run = runs.remove(attempt);
        if (run == null) {
            return null;
        }
        if (!run.longRunning) {
            leaveThread(run);
        }
        run.resources.forEach((name, amount) -> available.merge(name, amount, Double::sum));
        if (run.task.attempt != attempt) {
            return null;
        }
        run.task.attempt = 0;
        return run.task;
    }

    private void leaveThread(Run run) {
        onThreads--;
        if (run.returned) {
            run.returned = false;
            returned--;
        }
    }

    void finished(WorkerEvent.TaskFinished event) {
        WorkerTask task = ended(event.attempt());
        if (task == null) {
            return;
        }
        switch (task.status) {
            case EXECUTING, LONG_RUNNING -> finished(task, event);
            case RESUMED -> {
                if (task.next == WAITING) {
                    finished(task, event);
                } else {
                    state.lifecycle.putInMemory(task, event.value(), event.sizeBytes());
                    state.send(new WorkerMessage.AddKeys(List.of(task.key)));
                }
            }
            case CANCELLED -> released(task);
            case RELEASED, WAITING, READY, CONSTRAINED, FETCH, MISSING, FLIGHT, MEMORY, ERROR ->
                WorkerState.require(false, task, "finished");
        }
    }

    private void finished(WorkerTask task, WorkerEvent.TaskFinished event) {
        List<WorkerEvent.StartStop> startStops = task.startStops(event.startStops());
        task.typeName = event.typeName();
        state.lifecycle.putInMemory(task, event.value(), event.sizeBytes());
        state.send(new WorkerMessage.TaskFinished(
                task.key, task.runId, event.sizeBytes(), event.typeName(), startStops, event.thread()));
    }

    void erred(WorkerEvent.TaskErred event) {
        WorkerTask task = ended(event.attempt());
        if (task == null) {
            return;
        }
        switch (task.status) {
            case EXECUTING, LONG_RUNNING -> {
                state.move(task, ERROR);
                state.send(new WorkerMessage.TaskErred(
                        task.key,
                        task.runId,
                        event.exception(),
                        event.exceptionText(),
                        event.tracebackText(),
                        task.startStops(event.startStops()),
                        event.thread()));
            }
            case RESUMED -> again(task);
            case CANCELLED -> released(task);
            case RELEASED, WAITING, READY, CONSTRAINED, FETCH, MISSING, FLIGHT, MEMORY, ERROR ->
                WorkerState.require(false, task, "erred");
        }
    }

    void rescheduled(WorkerEvent.TaskRescheduled event) {
        WorkerTask task = ended(event.attempt());
        if (task == null) {
            return;
        }
        switch (task.status) {
            case EXECUTING, LONG_RUNNING -> {
                released(task);
                state.send(new WorkerMessage.Reschedule(task.key));
            }
            case RESUMED -> again(task);
            case CANCELLED -> released(task);
            case RELEASED, WAITING, READY, CONSTRAINED, FETCH, MISSING, FLIGHT, MEMORY, ERROR ->
                WorkerState.require(false, task, "was rescheduled");
        }
    }

    private void released(WorkerTask task) {
        state.lifecycle.toReleased(task);
        state.lifecycle.settle(task);
    }

    /// A resumed task's old run came to nothing: now for what it was wanted for since.
    private void again(WorkerTask task) {
        if (task.next == WAITING) {
            state.lifecycle.toWaiting(task);
        } else {
            released(task);
        }
    }

    void longRunning(WorkerEvent.TaskLongRunning event) {
        Run run = runs.get(event.attempt());
        if (run == null || run.longRunning) {
            return;
        }
        run.longRunning = true;
        leaveThread(run);
        WorkerTask task = run.task;
        if (task.attempt != event.attempt()) {
            return;
        }
        if (task.status == EXECUTING) {
            state.move(task, LONG_RUNNING);
            state.send(new WorkerMessage.LongRunning(task.key, task.runId, event.computeSeconds()));
        } else if (task.status != LONG_RUNNING) {
            task.previous = LONG_RUNNING;
        }
    }

    /// The scheduler is not told: for it a task that was long-running once stays so.
    void resumed(WorkerEvent.TaskResumed event) {
        Run run = runs.get(event.attempt());
        if (run != null && run.longRunning) {
            run.longRunning = false;
            onThreads++;
            returned++;
            run.returned = true;
        }
    }

    /// How many of those on threads had seceded once.
    int returned() {
        return returned;
    }

    /// Whether the attempt is that of the task.
    boolean runs(WorkerTask task) {
        Run run = runs.get(task.attempt);
        return run != null && run.task == task;
    }
}
