package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The leases of locks and semaphores that a client holds. The scheduler takes back a lease that is not refreshed,
/// so a thread refreshes all of them from time to time: five times while a lease lasts, as in Dask. The thread
/// exists while there are any. What is held of multi-locks, which is for as long as nobody gives it back, is given
/// back with them. Any thread may call.
final class Leases implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Leases.class);
    private static final int REFRESHED_WHILE_IT_LASTS = 5;
    private static final Duration RETURNED_WITHIN = Duration.ofSeconds(2);

    private final SchedulerCalls calls;
    private final Set<ClusterLease> held = ConcurrentHashMap.newKeySet();
    private final Set<ClusterMultiLock.Held> multiHeld = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    /// Guarded by the lock.
    private boolean refreshing;

    private volatile boolean closed;
    private volatile @Nullable Thread refresher;

    Leases(SchedulerCalls calls) {
        this.calls = calls;
    }

    void hold(ClusterLease lease) {
        held.add(lease);
        lock.lock();
        try {
            if (closed) {
                held.remove(lease);
                throw new IllegalStateException("the client is closed");
            }
            if (refreshing) {
                // A shorter one may be due sooner than what it waits for.
                LockSupport.unpark(refresher);
            } else {
                refreshing = true;
                refresher = Thread.ofVirtual().name("leases").start(this::refresh);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Tells the scheduler, once.
    void letGo(ClusterLease lease) {
        if (!held.remove(lease)) {
            return;
        }
        try {
            calls.call(Map.of("op", "semaphore_release", "name", lease.name(), "lease_id", lease.id()));
        } catch (IOException | IllegalStateException e) {
            log.warn(
                    "could not give back a lease of {}, which ends after {}: {}",
                    lease.name(),
                    lease.lasts(),
                    e.getMessage());
        }
    }

    boolean holds(ClusterLease lease) {
        return held.contains(lease);
    }

    void hold(ClusterMultiLock.Held locks) {
        multiHeld.add(locks);
        if (closed) {
            letGo(locks);
            throw new IllegalStateException("the client is closed");
        }
    }

    /// Tells the scheduler, once.
    void letGo(ClusterMultiLock.Held locks) {
        if (!multiHeld.remove(locks)) {
            return;
        }
        try {
            release(locks);
        } catch (NoSuchElementException e) {
            log.warn("the scheduler knows nothing of the locks {}: {}", locks.names(), e.getMessage());
        }
    }

    /// Who waited for them has left, perhaps in the moment in which the scheduler gave them. Does not wait for it.
    void giveUp(ClusterMultiLock.Held locks) {
        multiHeld.add(locks);
        Thread.ofVirtual().name("give-up-locks").start(() -> {
            if (multiHeld.remove(locks)) {
                try {
                    release(locks);
                } catch (NoSuchElementException e) {
                    log.debug("the locks {} had not been given", locks.names());
                }
            }
        });
    }

    private void release(ClusterMultiLock.Held locks) {
        try {
            calls.call(Map.of("op", "multi_lock_release", "id", locks.id()));
        } catch (IOException | IllegalStateException e) {
            log.warn("could not give back the locks {}: {}", locks.names(), e.getMessage());
        }
    }

    boolean holds(ClusterMultiLock.Held locks) {
        return multiHeld.contains(locks);
    }

    private void refresh() {
        Map<ClusterLease, Long> refreshedAt = new LinkedHashMap<>();
        while (!closed && goesOn()) {
            long now = System.nanoTime();
            long next = now + Duration.ofSeconds(1).toNanos();
            Map<String, List<String>> due = new LinkedHashMap<>();
            refreshedAt.keySet().retainAll(held);
            for (ClusterLease lease : held) {
                long every = lease.lasts().toNanos() / REFRESHED_WHILE_IT_LASTS;
                if (now - refreshedAt.getOrDefault(lease, lease.grantedNanos()) >= every) {
                    due.computeIfAbsent(lease.name(), name -> new ArrayList<>()).add(lease.id());
                    refreshedAt.put(lease, now);
                }
                next = Math.min(next, refreshedAt.getOrDefault(lease, lease.grantedNanos()) + every);
            }
            due.forEach(this::refresh);
            LockSupport.parkNanos(this, Math.max(1_000_000, next - System.nanoTime()));
        }
    }

    /// The thread ends with the last lease.
    private boolean goesOn() {
        lock.lock();
        try {
            refreshing = !held.isEmpty();
            return refreshing;
        } finally {
            lock.unlock();
        }
    }

    private void refresh(String name, List<String> ids) {
        try {
            calls.call(Map.of("op", "semaphore_refresh_leases", "name", name, "lease_ids", ids));
        } catch (IOException | IllegalStateException e) {
            log.warn("could not refresh {} leases of {}: {}", ids.size(), name, e.getMessage());
        }
    }

    /// Gives all of them back; does not wait long for a scheduler that does not answer.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            LockSupport.unpark(refresher);
        } finally {
            lock.unlock();
        }
        if (held.isEmpty() && multiHeld.isEmpty()) {
            return;
        }
        Thread returning = Thread.ofVirtual().name("return-leases").start(() -> {
            List.copyOf(multiHeld).forEach(this::letGo);
            List.copyOf(held).forEach(this::letGo);
        });
        try {
            if (!returning.join(RETURNED_WITHIN)) {
                log.warn("the scheduler does not take {} leases back; it will when they have lasted", held.size());
                returning.interrupt();
            }
        } catch (InterruptedException e) {
            returning.interrupt();
            Thread.currentThread().interrupt();
        }
        held.clear();
        multiHeld.clear();
    }
}
