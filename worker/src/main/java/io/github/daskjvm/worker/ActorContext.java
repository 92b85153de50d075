package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.WorkerServices;

/// For a call of an actor, which has a thread of its own and takes no place from tasks.
final class ActorContext extends TaskContext {
    private final TaskKey key;
    private final String workerAddress;
    private final String schedulerAddress;
    private final WorkerServices services;

    /// @param key of the task that made the actor
    ActorContext(TaskKey key, String workerAddress, String schedulerAddress, WorkerServices services) {
        this.key = key;
        this.workerAddress = workerAddress;
        this.schedulerAddress = schedulerAddress;
        this.services = services;
    }

    @Override
    public TaskKey key() {
        return key;
    }

    @Override
    public String workerAddress() {
        return workerAddress;
    }

    @Override
    public String schedulerAddress() {
        return schedulerAddress;
    }

    @Override
    public WorkerServices services() {
        return services;
    }

    @Override
    public void secede() {
        // It has no place.
    }

    @Override
    protected Place leave() {
        return Place.NONE;
    }
}
