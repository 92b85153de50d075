package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerTaskStatus.CONSTRAINED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.EXECUTING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FLIGHT;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.LONG_RUNNING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.READY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RELEASED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RESUMED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.WAITING;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.List;

/// What the scheduler, or a client that places data, asks of the worker.
final class Submission {
    /// Copies come after whatever tasks of ordinary priority wait for.
    private static final Priority REPLICA_PRIORITY = new Priority(1, 0, 0);

    private final WorkerState state;

    Submission(WorkerState state) {
        this.state = state;
    }

    void compute(WorkerEvent.ComputeTask event) {
        WorkerTask task = state.known(event.key(), event.priority());
        task.runId = event.runId();
        switch (task.status) {
            case WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING -> {}
            case MEMORY -> finished(task);
            case RELEASED, FETCH, MISSING, ERROR -> {
                state.gathering.dequeue(task);
                define(task, event);
                state.lifecycle.toWaiting(task);
            }
            case FLIGHT -> {
                task.previous = FLIGHT;
                resume(task, event);
            }
            case CANCELLED -> resume(task, event);
            case RESUMED -> {
                if (task.next != WAITING) {
                    define(task, event);
                    task.next = WAITING;
                }
            }
        }
    }

    /// The task that is to be computed has its value already.
    private void finished(WorkerTask task) {
        state.send(new WorkerMessage.TaskFinished(task.key, task.runId, task.sizeBytes, task.typeName, List.of(), 0));
    }

    private void resume(WorkerTask task, WorkerEvent.ComputeTask event) {
        define(task, event);
        task.next = WAITING;
        state.move(task, RESUMED);
    }

    private void define(WorkerTask task, WorkerEvent.ComputeTask event) {
        task.priority = event.priority();
        task.runSpec = event.runSpec();
        task.resources = event.resources();
        task.transfers = null;
        state.lifecycle.unlink(task);
        state.lifecycle.link(task, event.inputs(), event.priority());
    }

    void free(WorkerEvent.FreeKeys event) {
        for (TaskKey key : event.keys()) {
            WorkerTask task = state.tasks.get(key);
            if (task != null) {
                state.lifecycle.release(task);
            }
        }
    }

    void cancel(WorkerEvent.CancelCompute event) {
        WorkerTask task = state.tasks.get(event.key());
        if (task != null && task.isAny(WAITING, READY, CONSTRAINED)) {
            state.lifecycle.release(task);
        }
    }

    void steal(WorkerEvent.StealRequest event) {
        WorkerTask task = state.tasks.get(event.key());
        state.send(new WorkerMessage.StealResponse(event.key(), task == null ? null : task.status, event.stimulusId()));
        if (task != null && task.isAny(WAITING, READY, CONSTRAINED)) {
            state.lifecycle.release(task);
        }
    }

    void removeReplicas(WorkerEvent.RemoveReplicas event) {
        var kept = new ArrayList<TaskKey>();
        for (TaskKey key : event.keys()) {
            WorkerTask task = state.tasks.get(key);
            if (task == null) {
                continue;
            }
            switch (task.status) {
                case MEMORY -> {
                    if (task.waiters.isEmpty()) {
                        state.lifecycle.release(task);
                    } else {
                        kept.add(key);
                    }
                }
                case FETCH, MISSING, FLIGHT -> {
                    task.replicaWanted = false;
                    if (task.waiters.isEmpty()) {
                        state.lifecycle.release(task);
                    }
                }
                case RELEASED, WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING, ERROR, CANCELLED, RESUMED -> {}
            }
        }
        if (!kept.isEmpty()) {
            state.send(new WorkerMessage.AddKeys(kept));
        }
    }

    void acquireReplicas(WorkerEvent.AcquireReplicas event) {
        var here = new ArrayList<TaskKey>();
        for (WorkerEvent.Input replica : event.replicas()) {
            WorkerTask task = state.known(replica.key(), REPLICA_PRIORITY);
            switch (task.status) {
                case MEMORY -> here.add(task.key);
                case RELEASED, FETCH, MISSING, FLIGHT, ERROR, CANCELLED -> {
                    task.replicaWanted = true;
                    state.gathering.want(task, replica, REPLICA_PRIORITY);
                }
                case WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING, RESUMED -> {}
            }
        }
        if (!here.isEmpty()) {
            state.send(new WorkerMessage.AddKeys(here));
        }
    }

    void dataPlaced(WorkerEvent.DataPlaced event) {
        event.data().forEach((key, received) -> {
            WorkerTask task = state.known(key, REPLICA_PRIORITY);
            if (task.status == WorkerTaskStatus.MEMORY) {
                task.sizeBytes = received.sizeBytes();
                state.instruct(new WorkerInstruction.Store(key, received.value(), received.sizeBytes()));
                return;
            }
            boolean asked = task.isAny(WAITING, READY, CONSTRAINED)
                    || task.status == EXECUTING
                    || task.status == LONG_RUNNING
                    || (task.status == RESUMED && task.next == WAITING);
            if (Lifecycle.isRunning(task)) {
                state.instruct(new WorkerInstruction.Interrupt(task.attempt));
                task.attempt = 0;
            }
            state.gathering.detach(task);
            state.execution.dequeue(task);
            state.gathering.dequeue(task);
            state.lifecycle.putInMemory(task, received.value(), received.sizeBytes());
            if (asked) {
                // The scheduler waits to hear from here.
                finished(task);
            }
        });
    }
}
