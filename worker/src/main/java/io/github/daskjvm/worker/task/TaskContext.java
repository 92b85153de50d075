package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What a running task can know about itself, and ask of its worker. Of the task's own thread.
public abstract class TaskContext {
    private static final ThreadLocal<@Nullable TaskContext> CURRENT = new ThreadLocal<>();

    /// A task that waits longer gives its place to another meanwhile.
    private static final long KEEPS_PLACE_MILLIS = 20;

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

    /// The task that this thread runs; null outside a task.
    public static @Nullable TaskContext currentOrNull() {
        return CURRENT.get();
    }

    /// Around what makes this thread wait for others: a task gives its place among the worker's threads to another
    /// until it closes what is returned, and goes on then at once. Outside a task it does nothing.
    public static Place leavePlace() {
        TaskContext context = CURRENT.get();
        return context == null ? Place.NONE : context.leave();
    }

    /// Waits for an answer. A task keeps its place for a moment, since most answers come at once, and leaves it for
    /// the rest of the time.
    public static <T extends @Nullable Object> T await(Future<T> answer)
            throws InterruptedException, ExecutionException {
        TaskContext context = CURRENT.get();
        if (context == null) {
            return answer.get();
        }
        try {
            return answer.get(KEEPS_PLACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            try (Place place = context.leave()) {
                return answer.get();
            }
        }
    }

    /// A task's place among its worker's threads, which it takes again by [#close].
    @FunctionalInterface
    public interface Place extends AutoCloseable {
        /// Of what has no place to leave.
        Place NONE = () -> {};

        @Override
        void close();
    }

    public abstract TaskKey key();

    public abstract String workerAddress();

    public abstract String schedulerAddress();

    /// What the worker's tasks share.
    public abstract WorkerServices services();

    /// Gives this task's place among the worker's threads to another task, and goes on beside them: for a task
    /// that will mostly wait, for other tasks say.
    public abstract void secede();

    /// See [#leavePlace].
    protected abstract Place leave();
}
