package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Dask's `Lock`: held by one at a time of all clients and tasks of a cluster, in Java and Python, that use the same
/// name.
///
/// ```java
/// try (ClusterLease held = client.lock("report").lock()) {
///     write();
/// }
/// ```
///
/// It is not reentrant, and belongs to no thread: whoever has the lease may close it. All methods throw
/// `IOException` if the scheduler can't be reached. Any number of threads may use it.
public final class ClusterLock {
    private final ClusterSemaphore semaphore;

    ClusterLock(ClusterSemaphore semaphore) {
        this.semaphore = semaphore;
    }

    public String name() {
        return semaphore.name();
    }

    /// Waits until it is free. Who asked first gets it first.
    public ClusterLease lock() throws IOException, InterruptedException {
        return semaphore.acquire();
    }

    /// The lock if it is free now.
    public Optional<ClusterLease> tryLock() throws IOException, InterruptedException {
        return semaphore.tryAcquire();
    }

    /// The lock if it is free in time.
    public Optional<ClusterLease> tryLock(Duration timeout) throws IOException, InterruptedException {
        return semaphore.tryAcquire(timeout);
    }

    /// Whether anybody holds it now.
    public boolean isLocked() throws IOException {
        return semaphore.held() > 0;
    }
}
