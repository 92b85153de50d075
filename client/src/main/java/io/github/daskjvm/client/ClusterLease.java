package io.github.daskjvm.client;

import java.time.Duration;
import java.util.UUID;

/// A place in a [ClusterSemaphore], or the [ClusterLock], until it is closed. It is refreshed in the background; the
/// scheduler takes it back from a process that has died. Any thread may close it.
public final class ClusterLease implements AutoCloseable {
    private final Leases leases;
    private final String name;
    private final Duration lasts;
    private final String id = UUID.randomUUID().toString().replace("-", "");
    private volatile long grantedNanos = System.nanoTime();

    ClusterLease(Leases leases, String name, Duration lasts) {
        this.leases = leases;
        this.name = name;
        this.lasts = lasts;
    }

    /// Of the lock or semaphore.
    public String name() {
        return name;
    }

    String id() {
        return id;
    }

    Duration lasts() {
        return lasts;
    }

    long grantedNanos() {
        return grantedNanos;
    }

    ClusterLease granted() {
        grantedNanos = System.nanoTime();
        leases.hold(this);
        return this;
    }

    /// Whether it has not been closed. The scheduler may have given it to others nonetheless, if it could not be
    /// refreshed for as long as it lasts.
    public boolean isHeld() {
        return leases.holds(this);
    }

    /// Gives it back; who waits longest gets it. Closing it again does nothing.
    @Override
    public void close() {
        leases.letGo(this);
    }
}
