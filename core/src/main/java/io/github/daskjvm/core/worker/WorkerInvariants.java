package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerState.require;

/// What holds between any two events, whatever happened.
final class WorkerInvariants {
    private WorkerInvariants() {}

    static void check(WorkerState state) {
        for (WorkerTask task : state.allTasks()) {
            require(task.status != WorkerTaskStatus.RELEASED, task, "should be forgotten");
            require(Lifecycle.isRunning(task) == (task.attempt != 0), task, "has attempt " + task.attempt);
            require(task.attempt == 0 || state.execution.runs(task), task, "has a run that nobody knows");
            require(Lifecycle.isQueued(task) == state.execution.isQueued(task), task, "in the queues");
            checkInputs(task);
            checkInterrupted(task);
            if (task.isAny(WorkerTaskStatus.FETCH, WorkerTaskStatus.MISSING, WorkerTaskStatus.FLIGHT)) {
                require(!task.waiters.isEmpty() || task.replicaWanted, task, "is fetched for nobody");
            }
        }
        if (state.execution.onThreads() - state.execution.returned() > state.config.nthreads()) {
            throw new IllegalStateException(
                    state.execution.onThreads() + " tasks on " + state.config.nthreads() + " threads");
        }
        state.gathering.check();
    }

    private static void checkInputs(WorkerTask task) {
        int missing = 0;
        for (WorkerTask input : task.inputs) {
            require(input.waiters.contains(task), task, "waits for " + input + ", which does not know");
            if (input.status != WorkerTaskStatus.MEMORY) {
                missing++;
            }
        }
        for (WorkerTask waiter : task.waiters) {
            require(waiter.inputs.contains(task), task, "is waited for by " + waiter + ", which does not know");
        }
        if (task.status == WorkerTaskStatus.WAITING) {
            require(missing == task.inputsMissing && missing > 0, task, "waits for " + task.inputsMissing);
        } else if (Lifecycle.isQueued(task)) {
            require(missing == 0, task, "lacks an input");
        } else if (task.status != WorkerTaskStatus.RESUMED) {
            require(task.inputs.isEmpty(), task, "still holds inputs");
        }
    }

    private static void checkInterrupted(WorkerTask task) {
        boolean cancelled = task.status == WorkerTaskStatus.CANCELLED;
        boolean resumed = task.status == WorkerTaskStatus.RESUMED;
        require((task.previous != null) == (cancelled || resumed), task, "was " + task.previous);
        require((task.next != null) == resumed, task, "will be " + task.next);
        require(!cancelled || task.waiters.isEmpty(), task, "is cancelled though others wait for it");
    }
}
