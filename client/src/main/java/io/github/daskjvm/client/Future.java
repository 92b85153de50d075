package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SerializableBiFunction;
import io.github.daskjvm.worker.task.SerializableFunction;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A result that a cluster has, or will have: the remote counterpart of a [java.util.concurrent.Future], which it
/// also is. The result stays on the workers as long as a client holds a future of it; [#get] brings a copy, each time
/// anew. Given to another task as an [Arg], it is handed from worker to worker.
///
/// A future is let go by [#close], or when it is garbage collected; what no client wants is then forgotten by the
/// cluster, if need be in the middle of its computation. A result that is lost with its worker is computed again, and
/// `get` waits for that.
///
/// Any number of threads may use a future.
///
/// @param <T> the result
public final class Future<T extends @Nullable Object> implements java.util.concurrent.Future<T>, Arg<T>, AutoCloseable {
    private static final Cleaner CLEANER =
            Cleaner.create(Thread.ofVirtual().name("released-futures").factory());

    private final Client client;
    private final KeyState keyState;
    private final Cleaner.Cleanable release;

    /// @param keyState acquired for this future
    Future(Client client, KeyState keyState) {
        this.client = client;
        this.keyState = keyState;
        KeyTable keys = client.keys();
        this.release = CLEANER.register(this, () -> keys.release(keyState));
    }

    Client client() {
        return client;
    }

    KeyState keyState() {
        return keyState;
    }

    /// The task's name in the cluster.
    public String key() {
        return keyState.key;
    }

    /// What is known here at the moment.
    public FutureStatus status() {
        return keyState.status();
    }

    /// Waits for the result, and brings it.
    ///
    /// @throws TaskFailedException whose cause is what the task threw
    /// @throws ResultException if the result can't be brought: it is no Java value, or of a class that
    ///     isn't here
    /// @throws CancellationException if the task was cancelled, or the connection to the scheduler lost
    @Override
    public T get() throws InterruptedException, ExecutionException {
        try {
            return get(Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#get()].
    ///
    /// @throws TimeoutException if the result isn't here by then; the task goes on
    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        return get(Deadline.in(timeout, unit));
    }

    private T get(Deadline deadline) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return client.<T>result(keyState, deadline);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /// Asks the scheduler to drop the task, whoever waits for it in this client; what depends on it is cancelled too.
    /// A task that is running goes on, for nothing.
    ///
    /// @param mayInterruptIfRunning ignored: running tasks are not interrupted
    /// @return false, and nothing happens, if it is done already
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return client.cancelUnlessDone(this);
    }

    @Override
    public boolean isCancelled() {
        return status() == FutureStatus.CANCELLED;
    }

    /// Whether it is finished, failed or cancelled.
    @Override
    public boolean isDone() {
        return status().isDone();
    }

    @Override
    public State state() {
        return switch (status()) {
            case PENDING, LOST -> State.RUNNING;
            case FINISHED -> State.SUCCESS;
            case ERROR -> State.FAILED;
            case CANCELLED -> State.CANCELLED;
        };
    }

    @Override
    public Throwable exceptionNow() {
        Throwable failure = keyState.failure();
        if (failure == null) {
            throw new IllegalStateException("task " + key() + " is " + status().wireName() + ", it has no exception");
        }
        return failure;
    }

    /// Runs the action once this future is done, on a virtual thread of its own; at once if it is.
    public void whenDone(Consumer<? super Future<T>> action) {
        keyState.onDone(() -> Thread.startVirtualThread(() -> action.accept(this)));
    }

    /// A task that gets this result, on the cluster: `client.submit(function, this)`. It is submitted now, runs once
    /// this one is finished, and fails or is cancelled with it. Unlike a `CompletableFuture`'s, the result does not
    /// come by this process.
    public <R extends @Nullable Object> Future<R> thenApply(SerializableFunction<T, R> function) {
        return client.submit(function, this);
    }

    /// As [#thenApply(SerializableFunction)], with options for the task.
    public <R extends @Nullable Object> Future<R> thenApply(SerializableFunction<T, R> function, TaskOptions options) {
        return client.with(options).submit(function, this);
    }

    /// A task that gets this result and another, on the cluster: `client.submit(function, this, other)`.
    public <U extends @Nullable Object, R extends @Nullable Object> Future<R> thenCombine(
            Arg<? extends U> other, SerializableBiFunction<T, U, R> function) {
        return client.submit(function, this, other);
    }

    /// As [#thenCombine(Arg, SerializableBiFunction)], with options for the task.
    public <U extends @Nullable Object, R extends @Nullable Object> Future<R> thenCombine(
            Arg<? extends U> other, SerializableBiFunction<T, U, R> function, TaskOptions options) {
        return client.with(options).submit(function, this, other);
    }

    /// Has a failed task run again, or the ones it needs that failed; this future is pending then. Nothing happens
    /// unless it failed. See [Client#retry].
    public void retry() throws IOException {
        client.retry(List.of(this));
    }

    /// The result as a `CompletableFuture`, which brings it by itself once it is there. It ends with what the task
    /// threw as its exception. Cancelling it cancels the task. The result stays wanted until then, even if this
    /// future is closed.
    public CompletableFuture<T> toCompletableFuture() {
        Future<T> held = new Future<>(client, client.keys().acquire(keyState));
        var promise = new CompletableFuture<T>();
        held.whenDone(done -> {
            try (held) {
                promise.complete(held.get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                promise.completeExceptionally(cause == null ? e : cause);
            } catch (InterruptedException | RuntimeException e) {
                promise.completeExceptionally(e);
            }
        });
        promise.whenComplete((value, failure) -> {
            if (failure instanceof CancellationException) {
                held.cancel(false);
            }
        });
        return promise;
    }

    /// Lets go of the result: unless another future or client wants it, the cluster forgets it. Tasks that were
    /// submitted with this future as an argument are not affected.
    @Override
    public void close() {
        release.clean();
    }

    @Override
    public String toString() {
        return "Future[" + key() + ", " + status().wireName() + "]";
    }
}
