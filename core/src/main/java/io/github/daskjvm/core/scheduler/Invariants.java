package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;

/// What holds between any two batches. Source: Dask's `validate_state` family, and what our own structures add.
final class Invariants {
    private final SchedulerState state;

    private Invariants(SchedulerState state) {
        this.state = state;
    }

    /// @throws IllegalStateException naming what does not hold
    static void check(SchedulerState state) {
        var invariants = new Invariants(state);
        state.tasks.values().forEach(invariants::task);
        state.workers.values().forEach(invariants::worker);
        state.clients.values().forEach(invariants::client);
        state.pools.values().forEach(invariants::pool);
        long[] counted = new long[TaskStatus.values().length];
        for (TaskState task : state.tasks.values()) {
            counted[task.status.ordinal()]++;
        }
        for (TaskStatus status : TaskStatus.values()) {
            if (status != TaskStatus.FORGOTTEN) {
                require(
                        counted[status.ordinal()] == state.counters.current[status.ordinal()],
                        status + " tasks are counted right");
            }
        }
    }

    /// As [#check(SchedulerState)], for these tasks, as far as they are still known, and the pools.
    static void check(SchedulerState state, Iterable<TaskState> tasks) {
        var invariants = new Invariants(state);
        for (TaskState task : tasks) {
            if (task.status != TaskStatus.FORGOTTEN) {
                invariants.task(task);
            }
        }
        state.pools.values().forEach(invariants::pool);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("broken invariant: " + what);
        }
    }

    private static void require(boolean holds, TaskState task, String what) {
        if (!holds) {
            throw new IllegalStateException("broken invariant: " + task + " " + what);
        }
    }

    private void task(TaskState task) {
        require(state.tasks.get(task.key) == task, task, "is known under its key");
        for (TaskState dependency : task.dependencies) {
            require(dependency.dependents.contains(task), task, "is a dependent of " + dependency);
        }
        for (TaskState dependent : task.dependents) {
            require(dependent.dependencies.contains(task), task, "is a dependency of " + dependent);
        }
        for (WorkerEntry worker : task.whoHas) {
            require(worker.hasWhat.contains(task), task, "is held by " + worker);
            require(state.workers.get(worker.address) == worker, task, "is held by a present worker");
        }
        for (ClientEntry client : task.whoWants) {
            require(client.wants.contains(task), task, "is wanted by " + client.id);
        }
        require((task.processingOn != null) == (task.status == TaskStatus.PROCESSING), task, "is on a worker");
        require(!task.whoHas.isEmpty() == (task.status == TaskStatus.MEMORY), task, "is held only in memory");
        require(state.unrunnable.containsKey(task) == (task.status == TaskStatus.NO_WORKER), task, "is unrunnable");
        require(
                state.pool(task.runtime).queued.contains(task) == (task.status == TaskStatus.QUEUED),
                task,
                "is queued");
        for (TaskState waiter : task.waiters) {
            require(waits(waiter.status), task, "is not waited for by " + waiter);
        }
        byStatus(task);
    }

    private static boolean waits(TaskStatus status) {
        return switch (status) {
            case WAITING, QUEUED, NO_WORKER, PROCESSING -> true;
            case RELEASED, MEMORY, ERRED, FORGOTTEN -> false;
        };
    }

    private void byStatus(TaskState task) {
        switch (task.status) {
            case RELEASED -> {
                require(task.waiters.isEmpty(), task, "has no waiters");
                require(task.waitingOn.isEmpty(), task, "waits for nothing");
            }
            case WAITING -> {
                require(!task.waitingOn.isEmpty(), task, "waits for something");
                for (TaskState dependency : task.dependencies) {
                    require(
                            dependency.whoHas.isEmpty() == task.waitingOn.contains(dependency),
                            task,
                            "waits for what is not there: " + dependency);
                    require(dependency.waiters.contains(task), task, "is a waiter of " + dependency);
                }
            }
            case QUEUED, NO_WORKER, PROCESSING -> {
                require(task.waitingOn.isEmpty(), task, "waits for nothing");
                for (TaskState dependency : task.dependencies) {
                    require(!dependency.whoHas.isEmpty(), task, "has its input " + dependency);
                    require(dependency.waiters.contains(task), task, "is a waiter of " + dependency);
                }
            }
            case MEMORY -> {
                for (TaskState dependent : task.dependents) {
                    require(!dependent.waitingOn.contains(task), task, "is not waited for");
                }
            }
            case ERRED -> require(task.blame != null && task.failure != null, task, "has something to blame");
            case FORGOTTEN -> require(false, task, "is not among the tasks");
        }
    }

    private void worker(WorkerEntry worker) {
        Pool pool = Occupancy.pool(worker);
        boolean running = worker.status == WorkerStatus.RUNNING;
        require(pool.all.contains(worker), worker + " is in its pool");
        require(pool.running.contains(worker) == running, worker + " runs if its pool says so");
        require(running || !pool.open.contains(worker), worker + " is open only if running");
        require(
                worker.idle == pool.idle.contains(worker)
                        && worker.saturated == pool.saturated.contains(worker)
                        && worker.open == pool.open.contains(worker),
                worker + " is in the sets that it says it is in");
        require(worker.processing.containsAll(worker.longRunning), worker + " processes what has seceded");
        long stored = 0;
        for (TaskState task : worker.hasWhat) {
            require(task.whoHas.contains(worker), worker + " is known to hold " + task);
            stored += task.sizeBytes();
        }
        require(stored == worker.storedBytes, worker + " stores " + stored + ", not " + worker.storedBytes);
        for (TaskState task : worker.processing) {
            require(task.processingOn == worker, worker + " is known to process " + task);
            for (TaskState dependency : task.dependencies) {
                require(
                        worker.hasWhat.contains(dependency) != worker.needsWhat.containsKey(dependency),
                        worker + " holds or needs " + dependency);
            }
        }
        require(!worker.processing.isEmpty() || worker.needsWhat.isEmpty(), worker + " needs nothing when idle");
    }

    private void client(ClientEntry client) {
        for (TaskState task : client.wants) {
            require(task.whoWants.contains(client), client.id + " is known to want " + task);
            require(state.tasks.get(task.key) == task, client.id + " wants a known task " + task);
        }
    }

    private void pool(Pool pool) {
        int threads = 0;
        for (WorkerEntry worker : pool.all) {
            threads += worker.nthreads;
            require(state.workers.get(worker.address) == worker, worker + " of the pool is present");
        }
        require(threads == pool.totalThreads, "the pool has " + threads + " threads, not " + pool.totalThreads);
        require(pool.running.containsAll(pool.idle), "idle workers run");
        require(pool.running.containsAll(pool.saturated), "saturated workers run");
        require(pool.queued.isEmpty() || pool.open.isEmpty(), "nothing is queued while a worker is open");
    }
}
