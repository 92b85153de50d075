package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a [Client] has by name for all clients and tasks of its cluster, those in Python too: locks,
/// semaphores, events, queues, variables and published datasets; and actors. In a task, they are had by
/// [Client#current].
///
/// The methods throw `IOException` if the scheduler can't be reached.
public abstract sealed class ClusterServices extends TaskSubmitter permits FutureOperations {
    ClusterServices() {}

    abstract Coordination coordination();

    /// The lock of that name, held by one at a time.
    ///
    /// @throws IllegalArgumentException if there is a semaphore of that name with more leases than one
    public ClusterLock lock(String name) throws IOException {
        return new ClusterLock(semaphore(name, 1));
    }

    /// Locks of several names that are held at once.
    ///
    /// @throws IllegalArgumentException if there are no names, or one comes twice
    public ClusterMultiLock multiLock(String... names) {
        return new ClusterMultiLock(coordination(), names);
    }

    /// The semaphore of that name. A lease of a process that has died is free again after 30 s.
    ///
    /// @param leases how many there are together
    /// @throws IllegalArgumentException if the semaphore is there with another number of leases
    public ClusterSemaphore semaphore(String name, int leases) throws IOException {
        return semaphore(name, leases, ClusterSemaphore.LEASE_LASTS);
    }

    /// As [#semaphore(String, int)].
    ///
    /// @param lasts how long a lease lasts that is not refreshed, as it is five times as often by a process that
    ///     lives; counts if the semaphore is made by this call
    public ClusterSemaphore semaphore(String name, int leases, Duration lasts) throws IOException {
        return new ClusterSemaphore(coordination(), name, leases, lasts);
    }

    /// The event of that name.
    public ClusterEvent event(String name) {
        return new ClusterEvent(coordination().calls(), name);
    }

    /// The queue of that name, with room for any number of items.
    public <T extends @Nullable Object> ClusterQueue<T> queue(String name) throws IOException {
        return queue(name, 0);
    }

    /// The queue of that name.
    ///
    /// @param maxSize items that there is room for, 0 for no limit; counts if the queue is made by this call
    public <T extends @Nullable Object> ClusterQueue<T> queue(String name, int maxSize) throws IOException {
        return new ClusterQueue<>(coordination(), name, maxSize);
    }

    /// The variable of that name.
    public <T extends @Nullable Object> ClusterVariable<T> variable(String name) {
        return new ClusterVariable<>(coordination(), name);
    }

    /// Makes an actor: an object that stays on the worker that made it, and is called by the interface that it
    /// implements, straight from whoever has the proxy that is returned.
    ///
    /// ```java
    /// Counter counter = client.actor(Counter.class, CounterImpl::new);
    /// counter.add(5);                                        // waits for the result
    /// CompletableFuture<Integer> sum = counter.addLater(5);  // does not
    /// client.submit(c -> c.add(1), Arg.value(counter));      // a task has it as an argument
    /// ```
    ///
    /// The calls of one caller are done in the order in which they were made, and an actor's calls one after the
    /// other. A method that returns a `CompletableFuture`, `CompletionStage` or `java.util.concurrent.Future`
    /// returns at once to its caller; what a `CompletionStage` on the worker is completed with later holds up no
    /// other call meanwhile. Parameters and results must be serializable. What a method throws is thrown to the
    /// caller, with its stack trace from the worker.
    ///
    /// The first call waits until the actor is made. It is lost with its worker; calls then throw
    /// [io.github.daskjvm.worker.actor.ActorLostException]. It is dropped when the last future of it is let go
    /// of, by [ActorHandle#close] or since the proxy is garbage; it is closed then if it is `AutoCloseable`. A
    /// proxy that a task has keeps it no longer than the task runs.
    ///
    /// @param type an interface
    /// @param constructor runs on the worker, as a task
    public <T> T actor(Class<T> type, SerializableCallable<? extends T> constructor) {
        return coordination().actors().make(type, constructor, List.of(), TaskOptions.DEFAULT);
    }

    /// As [#actor(Class, SerializableCallable)], with options for the task that makes it, such as its workers.
    public <T> T actor(Class<T> type, TaskOptions options, SerializableCallable<? extends T> constructor) {
        return coordination().actors().make(type, constructor, List.of(), options);
    }

    /// As [#actor(Class, SerializableCallable)], of an argument.
    public <A extends @Nullable Object, T> T actor(
            Class<T> type, SerializableFunction<A, ? extends T> constructor, Arg<? extends A> argument) {
        return coordination().actors().make(type, constructor, List.of(argument), TaskOptions.DEFAULT);
    }

    /// A proxy of an actor that another client has made and shared the future of, see [ActorHandle#future].
    public <T> T actorOf(Class<T> type, Future<?> future) {
        return coordination().actors().proxy(type, future);
    }

    /// Leaves a value for all clients under a name. The results of its futures stay until it is taken back by
    /// [#unpublish], whatever becomes of this client.
    ///
    /// What can be published is what Python reads, too: a future, numbers, text, dates, arrays, and lists, sets
    /// and maps of these and of futures; see [io.github.daskjvm.worker.python.PythonWriter]. A future's result
    /// may be anything.
    ///
    /// @throws IllegalArgumentException if the value can't be published, naming its type
    /// @throws IllegalStateException if there is a dataset of that name
    public void publish(String name, @Nullable Object value) throws IOException {
        coordination().datasets().publish(name, value, false);
    }

    /// As [#publish], in place of what was published under that name before, if anything.
    public void publishAgain(String name, @Nullable Object value) throws IOException {
        coordination().datasets().publish(name, value, true);
    }

    /// What was published under a name, by a client in Java or Python: as Python has it, so whole numbers are
    /// `Long`, and tuples are lists. A collection of Dask's, such as a data frame, has no counterpart in Java; a
    /// list of futures has.
    ///
    /// @throws java.util.NoSuchElementException if there is none of that name
    /// @throws IOException if it has no counterpart in Java, naming its type
    public <T extends @Nullable Object> T dataset(String name) throws IOException {
        return coordination().datasets().get(name);
    }

    /// The names of all that is published, sorted.
    public List<String> datasets() throws IOException {
        return coordination().datasets().names();
    }

    /// Takes back what was published under a name; does nothing if there is none.
    public void unpublish(String name) throws IOException {
        coordination().datasets().unpublish(name);
    }
}
