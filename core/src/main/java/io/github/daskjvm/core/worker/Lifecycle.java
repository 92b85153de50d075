package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerTaskStatus.CANCELLED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.CONSTRAINED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.EXECUTING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FETCH;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FLIGHT;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.LONG_RUNNING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.MEMORY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.READY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RELEASED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RESUMED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.WAITING;

import io.github.daskjvm.core.model.Priority;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What tasks that are computed and tasks that are fetched have in common: becoming wanted, getting a value,
/// being released.
final class Lifecycle {
    private final WorkerState state;

    Lifecycle(WorkerState state) {
        this.state = state;
    }

    /// Notes what the task needs, and sees to it that it comes.
    void link(WorkerTask task, List<WorkerEvent.Input> inputs, Priority priority) {
        Set<WorkerTask> linked = inputs.isEmpty() ? Set.of() : LinkedHashSet.newLinkedHashSet(inputs.size());
        for (WorkerEvent.Input input : inputs) {
            WorkerTask needed = state.known(input.key(), priority);
            if (needed != task && linked.add(needed)) {
                needed.waiters.add(task);
            }
        }
        task.inputs = linked;
        for (WorkerEvent.Input input : inputs) {
            WorkerTask needed = state.known(input.key(), priority);
            if (needed != task) {
                state.gathering.want(needed, input, priority);
            }
        }
    }

    /// The task no longer needs its inputs; what only it needed is given up.
    void unlink(WorkerTask task) {
        Set<WorkerTask> inputs = task.inputs;
        task.inputs = Set.of();
        for (WorkerTask input : inputs) {
            input.waiters.remove(task);
            if (input.waiters.isEmpty() && !input.replicaWanted && isFetchedOnly(input)) {
                release(input);
            }
        }
    }

    private static boolean isFetchedOnly(WorkerTask task) {
        return task.isAny(FETCH, WorkerTaskStatus.MISSING, FLIGHT) || (task.status == RESUMED && task.next == FETCH);
    }

    void toWaiting(WorkerTask task) {
        state.move(task, WAITING);
        task.previous = null;
        task.next = null;
        int missing = 0;
        for (WorkerTask input : task.inputs) {
            if (input.status != MEMORY) {
                missing++;
            }
        }
        task.inputsMissing = missing;
        if (missing == 0) {
            state.execution.enqueue(task);
        }
    }

    /// The task has a value: keep it, and tell the tasks that waited for it.
    void putInMemory(WorkerTask task, Object value, long sizeBytes) {
        state.move(task, MEMORY);
        task.previous = null;
        task.next = null;
        task.runSpec = null;
        task.replicaWanted = false;
        task.sizeBytes = sizeBytes;
        state.gathering.forgetPeers(task);
        unlink(task);
        state.instruct(new WorkerInstruction.Store(task.key, value, sizeBytes));
        for (WorkerTask waiter : task.waiters) {
            if (waiter.status == WAITING && --waiter.inputsMissing == 0) {
                state.execution.enqueue(waiter);
            }
        }
    }

    /// Nobody wants the task any more, as the scheduler says: its value is dropped, its run or transfer is
    /// cancelled. If tasks here still wait for it, it is sought elsewhere.
    void release(WorkerTask task) {
        task.replicaWanted = false;
        task.transfers = null;
        switch (task.status) {
            case EXECUTING, LONG_RUNNING -> {
                task.previous = task.status;
                state.move(task, CANCELLED);
                state.instruct(new WorkerInstruction.Interrupt(task.attempt));
                wantedByWaiters(task);
            }
            case FLIGHT -> {
                if (task.waiters.isEmpty()) {
                    task.previous = FLIGHT;
                    state.move(task, CANCELLED);
                }
            }
            case RESUMED -> {
                if (task.next == FETCH && !task.waiters.isEmpty()) {
                    return;
                }
                task.next = null;
                state.move(task, CANCELLED);
                unlink(task);
                wantedByWaiters(task);
            }
            case CANCELLED -> {}
            case WAITING, READY, CONSTRAINED, FETCH, MISSING, MEMORY, ERROR, RELEASED -> {
                boolean stored = task.status == MEMORY;
                toReleased(task);
                if (stored) {
                    state.instruct(new WorkerInstruction.Drop(task.key));
                    state.send(new WorkerMessage.ReleaseWorkerData(task.key));
                    loseInput(task);
                }
                unlink(task);
                settle(task);
            }
        }
    }

    /// Out of its queue and into `released`.
    void toReleased(WorkerTask task) {
        state.execution.dequeue(task);
        state.gathering.dequeue(task);
        task.previous = null;
        task.next = null;
        if (task.status != RELEASED) {
            state.move(task, RELEASED);
        }
    }

    /// A released task is sought if others wait for it, otherwise forgotten.
    void settle(WorkerTask task) {
        if (!task.waiters.isEmpty() || task.replicaWanted) {
            state.gathering.seek(task);
        } else {
            state.gathering.forgetPeers(task);
            state.forget(task);
        }
    }

    private void wantedByWaiters(WorkerTask task) {
        if (task.waiters.isEmpty()) {
            return;
        }
        wantedAgain(task);
    }

    /// What was cancelled is fetched: goes on if it was under way, else once what runs has ended.
    void wantedAgain(WorkerTask task) {
        if (task.previous == FLIGHT) {
            task.previous = null;
            state.move(task, FLIGHT);
        } else {
            task.next = FETCH;
            state.move(task, RESUMED);
        }
    }

    private void loseInput(WorkerTask task) {
        for (WorkerTask waiter : task.waiters) {
            if (waiter.status == READY || waiter.status == CONSTRAINED) {
                state.execution.dequeue(waiter);
                state.move(waiter, WAITING);
                waiter.inputsMissing = 1;
            } else if (waiter.status == WAITING) {
                waiter.inputsMissing++;
            }
        }
    }

    /// Whether a run of the task is going on.
    static boolean isRunning(WorkerTask task) {
        return task.status == EXECUTING
                || task.status == LONG_RUNNING
                || ((task.status == CANCELLED || task.status == RESUMED) && task.previous != FLIGHT);
    }

    /// Whether the task waits in one of the queues of [Execution].
    static boolean isQueued(WorkerTask task) {
        return task.status == READY || task.status == CONSTRAINED;
    }
}
