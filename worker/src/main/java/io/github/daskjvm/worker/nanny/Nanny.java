package io.github.daskjvm.worker.nanny;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.OpMeter;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.worker.Registration;
import io.github.daskjvm.worker.WorkerLog;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Watches a worker that is a process of its own, and starts it again when it died, or outgrew its memory, or the
/// scheduler has it killed for a restart. It ends with its worker when that says that it closes for good. The
/// worker's process ends with it, however the nanny ends. Any thread may call.
public final class Nanny implements AutoCloseable {
    /// Dask's name, by which its level can be set.
    private static final String LOGGER = "distributed.nanny";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration UNREGISTER_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(1);

    private final NannyOptions options;
    private final WorkerLog log;
    private final String id = "Nanny-" + UUID.randomUUID();
    private final String secret = UUID.randomUUID().toString();
    private final RpcPool pool;
    private final RpcServer server;
    private final String address;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ReadWriteLock answering = new ReentrantReadWriteLock();
    private @Nullable ChildProcess child;
    /// One that is ended on purpose, to be followed by another at once.
    private @Nullable ChildProcess replaced;

    private boolean everJoined;
    private Phase phase = Phase.RUNNING;
    private volatile @Nullable String failure;

    /// `CLOSING_GRACEFULLY`: ends with its worker's process, which ends by itself.
    private enum Phase {
        RUNNING,
        CLOSING_GRACEFULLY,
        CLOSING
    }

    /// Listens, tells the scheduler, and starts the worker.
    ///
    /// @return when the worker is part of the cluster
    /// @throws IOException if the ports are taken, the scheduler cannot be reached in time, or the worker
    ///     ends before it is part of the cluster
    public static Nanny start(NannyOptions options) throws IOException, InterruptedException {
        var log = new WorkerLog(LOGGER);
        try (Connection connection =
                Registration.connect(options.scheduler(), options.tls(), options.deathTimeout(), log)) {
            var nanny = new Nanny(options, connection.localHost(), log);
            try {
                nanny.register(connection);
            } catch (IOException | RuntimeException e) {
                nanny.close();
                nanny.finish();
                throw e;
            }
            return nanny;
        }
    }

    private Nanny(NannyOptions options, String localHost, WorkerLog log) throws IOException {
        this.options = options;
        this.log = log;
        this.pool = new RpcPool(options.tls(), CONNECT_TIMEOUT);
        String protocol = Address.parse(options.scheduler()).protocol();
        boolean loopback = InetAddress.getByName(localHost).isLoopbackAddress();
        String listenHost = options.host() == null ? (loopback ? localHost : "") : options.host();
        this.server = listen(protocol, listenHost);
        boolean everywhere = listenHost.isEmpty() || listenHost.equals("0.0.0.0") || listenHost.equals("::");
        this.address = new Address(protocol, everywhere ? localHost : listenHost, server.port()).toString();
    }

    /// Tries the ports in turn.
    private RpcServer listen(String protocol, String host) throws IOException {
        BindException taken = new BindException("no port to listen on");
        for (int port : options.ports()) {
            try {
                return RpcServer.start(
                        new Address(protocol, host, port),
                        options.tls(),
                        FrameLimits.DEFAULT,
                        new NannyOps(this).handlers(),
                        new OpMeter());
            } catch (BindException e) {
                taken = e;
            }
        }
        throw taken;
    }

    /// The scheduler holds back what it has for all nannies until the worker is there, or the connection ends.
    private void register(Connection connection) throws IOException, InterruptedException {
        connection.write(Map.of("op", "register_nanny", "address", address));
        Object reply = connection.read();
        if (!(reply instanceof Map<?, ?> map) || !"OK".equals(map.get("status"))) {
            throw new BadMessageException("the scheduler answered a nanny's registration with " + reply);
        }
        log.info("        Start Nanny at: '" + address + "'");
        Thread.ofPlatform().daemon().name("nanny-" + address).start(this::supervise);
        Thread.ofVirtual().name("memory-" + address).start(new MemoryGuard(this, options, log));
        if (!awaitFirst()) {
            connection.write(Map.of("status", "error"));
            throw new IOException(String.valueOf(failure));
        }
        connection.write(Map.of("status", "ok"));
    }

    private boolean awaitFirst() throws InterruptedException {
        lock.lock();
        try {
            while (!everJoined && phase == Phase.RUNNING && failure == null) {
                changed.await();
            }
            return everJoined || failure == null;
        } finally {
            lock.unlock();
        }
    }

    private void supervise() {
        var backoff = new Backoff();
        try {
            ChildProcess now = next();
            while (now != null) {
                now.awaitExit();
                if (!goesOn(now, backoff)) {
                    break;
                }
                now = next();
            }
        } catch (IOException e) {
            fail("the worker's process could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            finish();
        }
    }

    /// Starts a process, unless the nanny ends.
    private @Nullable ChildProcess next() throws IOException {
        lock.lock();
        try {
            if (phase != Phase.RUNNING) {
                return null;
            }
            child = ChildProcess.start(options, address, secret);
            changed.signalAll();
            return child;
        } finally {
            lock.unlock();
        }
    }

    /// Sees to what is to be done after a process has ended, and waits as long as it is wise.
    ///
    /// @return whether to start another
    private boolean goesOn(ChildProcess ended, Backoff backoff) throws InterruptedException {
        String death = ended.deathMessage();
        if (death != null) {
            log.info(death);
        }
        ChildProcess.Joined worker = ended.worker();
        lock.lock();
        try {
            child = null;
            changed.signalAll();
            if (phase != Phase.RUNNING) {
                return false;
            }
            if (!everJoined) {
                fail("the worker ended before it was part of the cluster" + (death == null ? "" : ": " + death));
                return false;
            }
        } finally {
            lock.unlock();
        }
        if (worker != null) {
            unregister(worker.address());
        }
        Duration wait = ended == replaced ? Duration.ZERO : backoff.afterDeath(ended.lived(), worker != null);
        if (backoff.isHopeless()) {
            fail("the worker did not come back, however often it was started");
            return false;
        }
        log.warn("Restarting worker" + (wait.isZero() ? "" : " in " + wait.toSeconds() + " s"));
        return runsAfter(wait);
    }

    private boolean runsAfter(Duration wait) throws InterruptedException {
        long leftNanos = wait.toNanos();
        lock.lock();
        try {
            while (leftNanos > 0 && phase == Phase.RUNNING) {
                leftNanos = changed.awaitNanos(leftNanos);
            }
            return phase == Phase.RUNNING;
        } finally {
            lock.unlock();
        }
    }

    private void unregister(String worker) {
        try {
            pool.call(
                    options.scheduler(),
                    Map.of(
                            "op",
                            "unregister",
                            "address",
                            worker,
                            "stimulus_id",
                            "nanny-close-" + System.currentTimeMillis() / 1e3),
                    UNREGISTER_TIMEOUT);
        } catch (IOException | RpcFailure e) {
            log.info("the scheduler was not told that the worker at " + worker + " is gone: " + e.getMessage());
        }
    }

    private void fail(String reason) {
        log.warn("Nanny at '" + address + "' gives up: " + reason);
        lock.lock();
        failure = reason;
        changed.signalAll();
        lock.unlock();
    }

    private void finish() {
        lock.lock();
        phase = Phase.CLOSING;
        changed.signalAll();
        lock.unlock();
        awaitAnswers();
        server.close();
        pool.close();
        log.info("Nanny at '" + address + "' closed.");
        closed.countDown();
    }

    /// Who had the nanny end is to hear of it.
    private void awaitAnswers() {
        try {
            if (!answering.writeLock().tryLock(ANSWER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Nanny at '" + address + "' ends before everybody has read its answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// While it is held the nanny's port stays open, for a moment at most.
    Lock answering() {
        return answering.readLock();
    }

    /// Under which scheduler and worker know the nanny.
    public String address() {
        return address;
    }

    String id() {
        return id;
    }

    WorkerLog log() {
        return log;
    }

    RpcPool pool() {
        return pool;
    }

    /// The process of now; null between two.
    @Nullable
    ChildProcess child() {
        lock.lock();
        try {
            return child;
        } finally {
            lock.unlock();
        }
    }

    void joined(ChildProcess one, ChildProcess.Joined worker) {
        lock.lock();
        try {
            one.joined(worker);
            everJoined = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the worker's process, which is followed by another. Returns when it is no more.
    void kill(Duration timeout, String reason) throws InterruptedException {
        ChildProcess now;
        lock.lock();
        try {
            now = child;
            replaced = now;
        } finally {
            lock.unlock();
        }
        if (now != null) {
            log.info("Nanny asking worker to close. Reason: " + reason);
            now.end(false, timeout.multipliedBy(4).dividedBy(5), reason);
        }
    }

    /// As [#kill], and waits for the worker that follows.
    ///
    /// @return false if that takes longer
    boolean restart(Duration timeout, String reason) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        ChildProcess before = child();
        kill(timeout.compareTo(CLOSE_PATIENCE) < 0 ? timeout : CLOSE_PATIENCE, reason);
        lock.lock();
        try {
            while (child == null || child == before || child.worker() == null) {
                long leftNanos = deadline - System.nanoTime();
                if (leftNanos <= 0 || phase != Phase.RUNNING) {
                    return false;
                }
                long left = changed.awaitNanos(leftNanos);
                if (left <= 0) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// The worker closes for good: its end is the nanny's.
    void closeGracefully(String reason) {
        lock.lock();
        try {
            if (phase == Phase.RUNNING) {
                phase = Phase.CLOSING_GRACEFULLY;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        log.info("Closing Nanny gracefully at '" + address + "'. Reason: " + reason);
    }

    /// Ends the worker, killing it at last, and the nanny with it. Returns when the worker has ended.
    ///
    /// @param gracefully the worker's data is moved to others first
    /// @param patience until the worker is killed
    public void close(String reason, boolean gracefully, Duration patience) throws InterruptedException {
        ChildProcess now;
        lock.lock();
        try {
            phase = Phase.CLOSING;
            changed.signalAll();
            now = child;
        } finally {
            lock.unlock();
        }
        log.info("Closing Nanny at '" + address + "'. Reason: " + reason);
        if (now != null) {
            now.end(gracefully, patience, reason);
        }
    }

    /// Ends worker and nanny, the worker's data with it.
    @Override
    public void close() {
        try {
            close("nanny-close", false, CLOSE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits until worker and nanny have ended.
    ///
    /// @return why they could not go on; null if they ended because they were to
    public @Nullable String awaitClosed() throws InterruptedException {
        closed.await();
        return failure;
    }

    boolean awaitClosed(Duration timeout) throws InterruptedException {
        return closed.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }
}
