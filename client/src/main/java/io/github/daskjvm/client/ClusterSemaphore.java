package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/// Dask's `Semaphore`: a number of leases under a name, shared by all clients and tasks of a cluster, in Java and
/// Python. Whoever names it first decides how many leases there are.
///
/// ```java
/// ClusterSemaphore connections = client.semaphore("database", 4);
/// try (ClusterLease lease = connections.acquire()) {
///     load();
/// }
/// ```
///
/// In a task it is had by [Client#current]. All methods throw `IOException` if the scheduler can't be reached. Any
/// number of threads may use it.
public final class ClusterSemaphore {
    /// Dask's `distributed.scheduler.locks.lease-timeout`.
    static final Duration LEASE_LASTS = Duration.ofSeconds(30);

    private final Coordination coordination;
    private final String name;
    private final int leases;
    private final Duration lasts;

    /// @throws IllegalArgumentException if it is there with another number of leases
    ClusterSemaphore(Coordination coordination, String name, int leases, Duration lasts) throws IOException {
        if (leases < 1) {
            throw new IllegalArgumentException("a semaphore has one lease or more, not " + leases);
        }
        if (lasts.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("a lease lasts 10 ms or more, not " + lasts);
        }
        this.coordination = coordination;
        this.name = name;
        this.leases = leases;
        this.lasts = lasts;
        register();
    }

    private void register() throws IOException {
        coordination
                .calls()
                .call(Map.of(
                        "op",
                        "semaphore_register",
                        "name",
                        name,
                        "max_leases",
                        leases,
                        "lease_timeout",
                        lasts.toNanos() / 1e9));
    }

    public String name() {
        return name;
    }

    /// How many there are together.
    public int leases() {
        return leases;
    }

    /// Waits for a lease. Leases are given in the order in which they were asked for.
    ///
    /// @throws IllegalStateException if the semaphore is deleted
    public ClusterLease acquire() throws IOException, InterruptedException {
        return acquire(Deadline.NEVER)
                .orElseThrow(() -> new IllegalStateException("the scheduler gave no lease of " + name));
    }

    /// A lease if there is one now.
    public Optional<ClusterLease> tryAcquire() throws IOException, InterruptedException {
        return acquire(Deadline.in(Duration.ZERO));
    }

    /// A lease if there is one in time.
    public Optional<ClusterLease> tryAcquire(Duration timeout) throws IOException, InterruptedException {
        return acquire(Deadline.in(timeout));
    }

    private Optional<ClusterLease> acquire(Deadline deadline) throws IOException, InterruptedException {
        var lease = new ClusterLease(coordination.leases(), name, lasts);
        Map<String, String> request = Map.of("op", "semaphore_acquire", "name", name, "lease_id", lease.id());
        try {
            boolean given = Boolean.TRUE.equals(coordination.calls().await(request, deadline));
            return given ? Optional.of(lease.granted()) : Optional.empty();
        } catch (TimeoutException e) {
            return Optional.empty();
        }
    }

    /// How many leases are held now, by whomever.
    public int held() throws IOException {
        Object value = coordination.calls().call(Map.of("op", "semaphore_value", "name", name));
        return value instanceof Number number ? number.intValue() : 0;
    }

    /// Removes the semaphore from the cluster, as Dask's `Semaphore.close` does; who waits for a lease gets an
    /// `IllegalStateException`. Asking the client for it makes it anew.
    public void delete() throws IOException {
        coordination.calls().call(Map.of("op", "semaphore_close", "name", name));
    }
}
