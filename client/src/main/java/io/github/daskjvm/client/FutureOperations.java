package io.github.daskjvm.client;

import java.io.IOException;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What a [Client] does with many futures at once: waiting for them, and where their results are.
public abstract sealed class FutureOperations extends ClusterServices permits Client {
    FutureOperations() {}

    abstract DataOnWorkers data();

    /// The futures in the order in which they get done, for a loop or, by [AsCompleted#stream], a stream:
    ///
    /// ```java
    /// client.asCompleted(futures).stream().filter(f -> f.state() == State.SUCCESS).limit(10)
    /// ```
    public <F extends Future<?>> AsCompleted<F> asCompleted(Iterable<? extends F> futures) {
        return new AsCompleted<>(futures);
    }

    /// Waits until all are done, whether finished, failed or cancelled.
    public void waitAll(Collection<? extends Future<?>> futures) throws InterruptedException {
        Waiting.all(futures);
    }

    /// As [#waitAll(Collection)].
    ///
    /// @throws TimeoutException saying how many are not done by then
    public void waitAll(Collection<? extends Future<?>> futures, Duration timeout)
            throws InterruptedException, TimeoutException {
        Waiting.all(futures, Deadline.in(timeout));
    }

    /// Waits until at least one is done, whether finished, failed or cancelled.
    ///
    /// @throws IllegalArgumentException if there is none to wait for
    public <F extends Future<?>> DoneAndNotDone<F> waitAny(Collection<F> futures) throws InterruptedException {
        try {
            return Waiting.any(futures, Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#waitAny(Collection)].
    ///
    /// @throws TimeoutException if none is done by then
    public <F extends Future<?>> DoneAndNotDone<F> waitAny(Collection<F> futures, Duration timeout)
            throws InterruptedException, TimeoutException {
        return Waiting.any(futures, Deadline.in(timeout));
    }

    /// Places a value on a worker. What it is can't be computed again if that worker is lost.
    ///
    /// @throws IOException if there is no worker for it, or it could not be sent
    public <T extends @Nullable Object> Future<T> scatter(T value) throws IOException {
        return this.scatterAll(Collections.singletonList(value), ScatterOptions.DEFAULT)
                .getFirst();
    }

    /// As [#scatter], to several workers or chosen ones.
    public <T extends @Nullable Object> Future<T> scatter(T value, ScatterOptions options) throws IOException {
        return this.scatterAll(Collections.singletonList(value), options).getFirst();
    }

    /// Places values on workers in turn.
    public <T extends @Nullable Object> List<Future<T>> scatterAll(Collection<? extends T> values) throws IOException {
        return scatterAll(values, ScatterOptions.DEFAULT);
    }

    /// Places values on workers, as the options say.
    public <T extends @Nullable Object> List<Future<T>> scatterAll(
            Collection<? extends T> values, ScatterOptions options) throws IOException {
        return data().scatter(values, null, options);
    }

    /// Places values on workers, under the names given: the futures' keys. A name that is in use gets
    /// the new value; one whose data was let go of within the last moment is better not used again.
    public <T extends @Nullable Object> Map<String, Future<T>> scatterNamed(
            Map<String, ? extends T> values, ScatterOptions options) throws IOException {
        List<String> names = List.copyOf(values.keySet());
        List<Future<T>> futures = data().scatter(new ArrayList<T>(values.values()), names, options);
        Map<String, Future<T>> named = new LinkedHashMap<>();
        for (Future<T> future : futures) {
            named.put(future.key(), future);
        }
        return named;
    }

    /// Where results are: for each key the addresses of the workers that have it, none if it isn't computed.
    public Map<String, List<String>> whoHas(Collection<? extends Future<?>> futures) throws IOException {
        return data().whoHas(futures);
    }

    /// What workers hold: the keys of results by the worker's address.
    ///
    /// @param workers addresses or names; without any, all workers
    public Map<String, List<String>> hasWhat(String... workers) throws IOException {
        return data().byWorker("has_what", workers);
    }

    /// What workers were given and have not finished: keys of tasks by the worker's address.
    ///
    /// @param workers addresses or names; without any, all workers
    public Map<String, List<String>> processing(String... workers) throws IOException {
        return data().byWorker("processing", workers);
    }

    /// Has failed tasks run again, with the tasks they need that failed; their futures are pending from now on.
    /// Futures that did not fail stay as they are.
    public void retry(Collection<? extends Future<?>> futures) throws IOException {
        data().retry(futures);
        Reference.reachabilityFence(futures);
    }

    /// Waits for results, and has each copied to so many workers: to spread what many tasks will need, or
    /// against the loss of a worker. Superfluous copies are dropped.
    ///
    /// @param copies of each result, at least 1; as many as there are workers at most
    /// @param workers addresses, names or hosts of those that may hold them; without any, all workers
    /// @throws IOException if one has no result, naming it, or a worker is unknown
    public void replicate(Collection<? extends Future<?>> futures, int copies, String... workers)
            throws IOException, InterruptedException {
        if (copies < 1) {
            throw new IllegalArgumentException("replicate makes copies, it can't leave " + copies);
        }
        data().replicate(futures, copies, workers);
        Reference.reachabilityFence(futures);
    }

    /// As [#replicate(Collection, int, String...)], to all workers.
    public void replicate(Collection<? extends Future<?>> futures) throws IOException, InterruptedException {
        data().replicate(futures, 0);
        Reference.reachabilityFence(futures);
    }

    /// Moves results from workers that use much memory to those that use little; settings of Dask's
    /// (`distributed.worker.memory.rebalance`) say when. Workers of each runtime are balanced among themselves.
    ///
    /// @param workers addresses or names of those that may give and take; without any, all workers
    public void rebalance(String... workers) throws IOException, InterruptedException {
        data().rebalance(null, workers);
    }

    /// As [#rebalance(String...)], for these results only, which it waits for.
    ///
    /// @throws IOException if one has no result or could not be moved, naming it
    public void rebalance(Collection<? extends Future<?>> futures, String... workers)
            throws IOException, InterruptedException {
        data().rebalance(futures, workers);
        Reference.reachabilityFence(futures);
    }
}
