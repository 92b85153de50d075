package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import org.jspecify.annotations.Nullable;

/// What a running task can know about itself, and ask of its worker. Of the task's own thread.
public abstract class TaskContext {
    private static final ThreadLocal<@Nullable TaskContext> CURRENT = new ThreadLocal<>();

    protected TaskContext() {}

    /// @throws IllegalStateException outside a task
    public static TaskContext current() {
        TaskContext context = CURRENT.get();
        if (context == null) {
            throw new IllegalStateException("this thread is not running a task of a worker");
        }
        return context;
    }

    /// For the worker: sets or, with null, ends what [#current] gives in this thread.
    public static void enter(@Nullable TaskContext context) {
        if (context == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(context);
        }
    }

    public abstract TaskKey key();

    public abstract String workerAddress();

    public abstract String schedulerAddress();

    /// Gives this task's place among the worker's threads to another task, and goes on beside them: for a task
    /// that will mostly wait, for other tasks say.
    public abstract void secede();
}
