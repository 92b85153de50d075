package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/// Dask's `MultiLock`: several locks held at once, or some number of several, by one at a time of all clients and tasks
/// of a cluster, in Java and Python, that use the same names. Two that need locks of each other's do not wait for each
/// other for ever, in whatever order they name them.
///
/// ```java
/// try (ClusterMultiLock.Held held = client.multiLock("left", "right").lock()) {
///     move();
/// }
/// ```
///
/// The names are those of other `MultiLock`s only: a [ClusterLock] of the same name is another lock. It is not
/// reentrant, and belongs to no thread. As in Dask it has no lease: what a process held that died stays held. All
/// methods throw `IOException` if the scheduler can't be reached. Any number of threads may use it.
public final class ClusterMultiLock {
    private final Coordination coordination;
    private final List<String> names;

    /// @throws IllegalArgumentException if there are no names, or one comes twice
    ClusterMultiLock(Coordination coordination, String... names) {
        Set<String> distinct = new LinkedHashSet<>(Arrays.asList(names));
        if (distinct.isEmpty() || distinct.size() < names.length) {
            throw new IllegalArgumentException(
                    "a multi-lock has one name or more, each once, not " + Arrays.toString(names));
        }
        this.coordination = coordination;
        this.names = List.copyOf(distinct);
    }

    public List<String> names() {
        return names;
    }

    /// Waits until all of them are free. For each, who asked first gets it first.
    public Held lock() throws IOException, InterruptedException {
        return lock(names.size());
    }

    /// Waits until so many of them are free, whichever.
    ///
    /// @param count from 1 to the number of names
    public Held lock(int count) throws IOException, InterruptedException {
        return lock(count, Deadline.NEVER)
                .orElseThrow(() -> new IllegalStateException("the scheduler gave none of " + names));
    }

    /// All of them if they are free now.
    public Optional<Held> tryLock() throws IOException, InterruptedException {
        return tryLock(names.size(), Duration.ZERO);
    }

    /// All of them if they are free in time.
    public Optional<Held> tryLock(Duration timeout) throws IOException, InterruptedException {
        return tryLock(names.size(), timeout);
    }

    /// So many of them, whichever, if they are free in time.
    ///
    /// @param count from 1 to the number of names
    public Optional<Held> tryLock(int count, Duration timeout) throws IOException, InterruptedException {
        return lock(count, Deadline.in(timeout));
    }

    private Optional<Held> lock(int count, Deadline deadline) throws IOException, InterruptedException {
        if (count < 1 || count > names.size()) {
            throw new IllegalArgumentException("there are " + names.size() + " locks, of which one can have 1 to "
                    + names.size() + ", not " + count);
        }
        var held = new Held(coordination.leases(), names);
        Map<String, ?> request = Map.of("op", "multi_lock_acquire", "locks", names, "id", held.id, "num_locks", count);
        try {
            if (!Boolean.TRUE.equals(coordination.calls().await(request, deadline))) {
                return Optional.empty();
            }
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            coordination.leases().giveUp(held);
            throw e;
        }
        coordination.leases().hold(held);
        return Optional.of(held);
    }

    /// The locks, until it is closed, or the client is.
    public static final class Held implements AutoCloseable {
        private final Leases leases;
        private final List<String> names;
        private final String id = UUID.randomUUID().toString().replace("-", "");

        private Held(Leases leases, List<String> names) {
            this.leases = leases;
            this.names = names;
        }

        /// The locks that were asked for. Where fewer were needed, the scheduler does not say which they are.
        public List<String> names() {
            return names;
        }

        String id() {
            return id;
        }

        /// Whether it has not been closed. A scheduler that was started again knows of no locks held before.
        public boolean isHeld() {
            return leases.holds(this);
        }

        /// Gives them back; for each, who waits longest gets it. Closing it again does nothing.
        @Override
        public void close() {
            leases.letGo(this);
        }
    }
}
