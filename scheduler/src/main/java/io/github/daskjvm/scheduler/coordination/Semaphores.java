package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `distributed.Semaphore`, and `distributed.Lock`, which is one of one lease. Who holds a lease says so again and
/// again; a lease that was not refreshed for the semaphore's timeout is taken back, which is checked every
/// `distributed.scheduler.locks.lease-validation-interval`. Leases are given in the order in which they were asked for.
final class Semaphores implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Semaphores.class);
    private static final int SEMAPHORES_MAX = 100_000;
    private static final int LEASES_MAX = 1_000_000;

    private static final class Lease {
        long seenNanos;
        /// The last call that was given it; null if it was taken without waiting.
        @Nullable
        Waiter<Boolean> by;
    }

    private static final class Semaphore {
        final TaskKey name;
        final long leasesMax;
        final double leaseTimeoutSeconds;
        final Map<String, Lease> leases = new LinkedHashMap<>();
        final Map<Waiter<Boolean>, String> waiting = new LinkedHashMap<>();
        long acquired;
        long released;
        double waitSeconds;

        Semaphore(TaskKey name, long leasesMax, double leaseTimeoutSeconds) {
            this.name = name;
            this.leasesMax = leasesMax;
            this.leaseTimeoutSeconds = leaseTimeoutSeconds;
        }

        /// A lease that is held already is given again: the call is a repeated one.
        boolean acquire(String id, @Nullable Waiter<Boolean> by) {
            if (!leases.containsKey(id) && leases.size() >= leasesMax) {
                return false;
            }
            Lease lease = leases.computeIfAbsent(id, i -> new Lease());
            lease.seenNanos = System.nanoTime();
            lease.by = by;
            acquired++;
            return true;
        }

        /// A call has been answered, after so long. Dask's average: half of it is the latest.
        void waited(double seconds) {
            waitSeconds = (waitSeconds + seconds) / 2;
        }

        SemaphoreFigures figures() {
            return new SemaphoreFigures(
                    name.toString(), leasesMax, leases.size(), waiting.size(), acquired, released, waitSeconds);
        }

        /// Gives to those that wait what there is to give.
        void serve() {
            Iterator<Map.Entry<Waiter<Boolean>, String>> next =
                    waiting.entrySet().iterator();
            while (next.hasNext()) {
                Map.Entry<Waiter<Boolean>, String> first = next.next();
                if (!acquire(first.getValue(), first.getKey())) {
                    return;
                }
                next.remove();
                first.getKey().give(true);
            }
        }
    }

    private final Map<TaskKey, Semaphore> semaphores = new HashMap<>();
    private final SemaphoreMetrics metrics = new SemaphoreMetrics();
    private final Duration validationInterval;
    private final CountDownLatch closed = new CountDownLatch(1);
    /// Runs since there was a first semaphore.
    private @Nullable Thread validation;

    Semaphores(Duration validationInterval) {
        this.validationInterval = validationInterval;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("semaphore_register", this::create);
        handlers.put("semaphore_acquire", this::acquire);
        handlers.put("semaphore_release", this::release);
        handlers.put("semaphore_refresh_leases", this::refresh);
        handlers.put("semaphore_value", this::value);
        handlers.put("semaphore_close", this::close);
    }

    private synchronized @Nullable Object create(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        TaskKey name = Wire.key(request, "name");
        long leasesMax = request.integer("max_leases");
        Object timeout = request.get("lease_timeout");
        double seconds = timeout == null ? 0 : Wire.seconds(timeout, request, "lease_timeout");
        Semaphore present = semaphores.get(name);
        if (present != null) {
            if (present.leasesMax != leasesMax) {
                throw RpcFailure.valueError(
                        "Inconsistent max leases: " + leasesMax + ", expected: " + present.leasesMax);
            }
            return null;
        }
        if (semaphores.size() >= SEMAPHORES_MAX) {
            throw RpcFailure.valueError("there are " + SEMAPHORES_MAX + " semaphores and locks already");
        }
        var created = new Semaphore(name, leasesMax, seconds);
        semaphores.put(name, created);
        changed(created);
        if (validation == null) {
            validation = Thread.ofVirtual().name("semaphore-leases").start(this::validate);
        }
        return null;
    }

    private void changed(Semaphore semaphore) {
        metrics.changed(semaphore, semaphore.figures());
    }

    /// Any thread; waits for nothing.
    SemaphoreMetrics.Snapshot snapshot() {
        return metrics.snapshot();
    }

    private static RpcFailure unknown(TaskKey name) {
        return RpcFailure.python("builtins", "RuntimeError", "Semaphore or Lock `" + name + "` not known.");
    }

    private boolean acquire(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        TaskKey name = Wire.key(request, "name");
        String lease = request.string("lease_id");
        Deadline deadline = Deadline.of(request);
        var waiter = new Waiter<Boolean>();
        Semaphore semaphore;
        synchronized (this) {
            semaphore = semaphores.get(name);
            if (semaphore == null) {
                throw unknown(name);
            }
            // Who comes when others wait comes after them.
            if (semaphore.waiting.isEmpty() && semaphore.acquire(lease, null)) {
                semaphore.waited(0);
                changed(semaphore);
                return true;
            }
            semaphore.waiting.put(waiter, lease);
            semaphore.serve();
            changed(semaphore);
        }
        long startNanos = System.nanoTime();
        boolean gone = true;
        try {
            waiter.await(deadline, connection);
            gone = false;
        } finally {
            boolean given = leave(semaphore, waiter, lease, gone, System.nanoTime() - startNanos);
            gone |= !given;
        }
        return !gone;
    }

    /// @return whether the call has been given its lease; which is taken back if nobody is there to have it
    private synchronized boolean leave(
            Semaphore semaphore, Waiter<Boolean> waiter, String id, boolean gone, long waitedNanos) {
        boolean given = semaphore.waiting.remove(waiter) == null;
        Lease lease = semaphore.leases.get(id);
        if (given && gone && lease != null && lease.by == waiter) {
            log.debug("lease {} of {} goes back: its caller went while it waited", id, semaphore.name);
            semaphore.leases.remove(id);
            semaphore.released++;
            semaphore.serve();
        }
        semaphore.waited(waitedNanos / 1e9);
        if (semaphores.get(semaphore.name) == semaphore) {
            changed(semaphore);
        }
        return given;
    }

    private synchronized @Nullable Object release(Fields request, Connection connection) throws BadMessageException {
        TaskKey name = Wire.key(request, "name");
        Semaphore semaphore = semaphores.get(name);
        if (semaphore == null) {
            log.warn("Tried to release Lock or Semaphore `{}` but it is not known.", name);
        } else if (semaphore.leases.remove(request.string("lease_id")) == null) {
            log.warn(
                    "Tried to release Lock or Semaphore but it was already released: name={}, lease_id={}."
                            + " This can happen if the Lock or Semaphore timed out before.",
                    name,
                    request.string("lease_id"));
        } else {
            semaphore.released++;
            semaphore.serve();
            changed(semaphore);
        }
        return null;
    }

    /// A lease that is not known any more is there again: whoever refreshes it believes to hold it.
    private synchronized @Nullable Object refresh(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        TaskKey name = Wire.key(request, "name");
        Semaphore semaphore = semaphores.get(name);
        if (semaphore == null) {
            log.warn("Tried to refresh leases of Lock or Semaphore `{}` but it is not known.", name);
            return null;
        }
        for (String id : Wire.texts(request.list("lease_ids"), request, "lease_ids")) {
            Lease lease = semaphore.leases.get(id);
            if (lease == null) {
                if (semaphore.leases.size() >= LEASES_MAX) {
                    throw RpcFailure.valueError("`" + name + "` has " + LEASES_MAX + " leases already");
                }
                log.error(
                        "Refreshing an unknown lease ID {} for {}. It has timed out before and others may have been"
                                + " given theirs meanwhile; a task that holds the GIL for long does that.",
                        id,
                        name);
                lease = new Lease();
                semaphore.leases.put(id, lease);
            }
            lease.seenNanos = System.nanoTime();
        }
        changed(semaphore);
        return null;
    }

    private synchronized int value(Fields request, Connection connection) throws BadMessageException {
        Semaphore semaphore = semaphores.get(Wire.key(request, "name"));
        return semaphore == null ? 0 : semaphore.leases.size();
    }

    private synchronized @Nullable Object close(Fields request, Connection connection) throws BadMessageException {
        TaskKey name = Wire.key(request, "name");
        Semaphore semaphore = semaphores.remove(name);
        if (semaphore == null) {
            return null;
        }
        metrics.closed(semaphore);
        if (!semaphore.leases.isEmpty()) {
            log.warn("Closing semaphore {} but there remain unreleased leases {}", name, semaphore.leases.keySet());
        }
        if (!semaphore.waiting.isEmpty()) {
            log.warn("Closing semaphore {} but there remain pending leases", name);
            semaphore.waiting.keySet().forEach(waiter -> waiter.fail(unknown(name)));
            semaphore.waiting.clear();
        }
        return null;
    }

    private void validate() {
        try {
            while (!closed.await(Math.max(1, validationInterval.toMillis()), TimeUnit.MILLISECONDS)) {
                takeBack();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void takeBack() {
        long now = System.nanoTime();
        for (Semaphore semaphore : semaphores.values()) {
            double timeout = semaphore.leaseTimeoutSeconds;
            boolean any = timeout > 0
                    && semaphore.leases.entrySet().removeIf(entry -> {
                        boolean late = (now - entry.getValue().seenNanos) / 1e9 > timeout;
                        if (late) {
                            semaphore.released++;
                            log.debug("lease {} of {} has timed out", entry.getKey(), semaphore.name);
                        }
                        return late;
                    });
            if (any) {
                semaphore.serve();
                changed(semaphore);
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
