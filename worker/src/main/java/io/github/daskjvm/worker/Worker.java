package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.OpMeter;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.worker.profile.ProfileHistory;
import io.github.daskjvm.worker.profile.Profiler;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A worker of a Dask cluster that runs Java tasks. It speaks Dask's worker protocol: it registers, keeps a stream
/// with the scheduler, heartbeats, serves its data to peers and clients. It ends when it is closed, when the
/// scheduler says so, and when it loses the scheduler. Any thread may call.
public final class Worker implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration FAREWELL_TIMEOUT = Duration.ofSeconds(1);

    private final WorkerOptions options;
    private final WorkerLog log;
    private final String serverId = "Worker-" + UUID.randomUUID();
    /// Changed under the worker's monitor.
    private volatile WorkerStatus status = WorkerStatus.INIT;

    private final CompletableFuture<Parts> parts = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch streamEnded = new CountDownLatch(1);
    private final OpMeter calls = new OpMeter();
    private final RpcServer server;
    private final RpcPool pool;
    private final UploadedJars jars;
    private final String address;
    private final String name;
    private volatile String closeReason = "";
    private final ProfileHistory profile = new ProfileHistory();
    private final WorkerMemory memory;
    private final Departure departure;

    /// What the worker consists of once it is registered.
    record Parts(
            DataStore store,
            Measurements measurements,
            WorkerLoop loop,
            PeerTransfers transfers,
            BatchedStream stream,
            MessageEncoder encoder) {}

    /// Listens, registers, and returns a worker ready for tasks.
    ///
    /// @throws IOException if the port is taken, the scheduler cannot be reached in time, or refuses
    public static Worker start(WorkerOptions options) throws IOException {
        var log = new WorkerLog();
        Connection connection = Registration.connect(options.scheduler(), options.tls(), options.deathTimeout(), log);
        Worker worker;
        try {
            worker = new Worker(options, connection.localHost(), log);
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
        try {
            worker.join(connection);
            return worker;
        } catch (IOException | RuntimeException e) {
            connection.close();
            worker.abandon();
            throw e;
        }
    }

    private Worker(WorkerOptions options, String localHost, WorkerLog log) throws IOException {
        this.options = options;
        this.log = log;
        this.pool = new RpcPool(options.tls(), CONNECT_TIMEOUT);
        this.jars = new UploadedJars(pool, options.scheduler(), options.taskLoader(), log);
        String protocol = Address.parse(options.scheduler()).protocol();
        String given = options.host() == null ? (isLoopback(localHost) ? localHost : "") : options.host();
        boolean everywhere = given.isEmpty() || given.equals("0.0.0.0") || given.equals("::");
        this.server = RpcServer.start(
                new Address(protocol, everywhere ? "" : given, options.port()),
                options.tls(),
                FrameLimits.DEFAULT,
                new WorkerOps(this).handlers(),
                calls);
        this.address = new Address(protocol, everywhere ? localHost : given, server.port()).toString();
        this.name = options.name() == null ? address : options.name();
        try {
            this.memory = WorkerMemory.of(options, log);
        } catch (IOException e) {
            server.close();
            pool.close();
            throw e;
        }
        this.departure = new Departure(options, address, pool, log);
    }

    private static boolean isLoopback(String host) throws IOException {
        return InetAddress.getByName(host).isLoopbackAddress();
    }

    private void join(Connection connection) throws IOException {
        DataStore store = memory.store();
        var measurements = new Measurements();
        var heartbeat = new Heartbeat(measurements, memory);
        var transfers = new PeerTransfers(pool, address, measurements, log);
        WorkerConfig config = new WorkerConfig(address, options.nthreads(), options.resources(), options.transfers());
        long startNanos = System.nanoTime();
        Map<?, ?> reply = Registration.register(
                connection,
                Registration.message(
                        options,
                        memory.folder(),
                        address,
                        name,
                        serverId,
                        heartbeat.metrics(WorkerLoop.Published.idle(config))));
        measurements.latency((System.nanoTime() - startNanos) / 1e9);
        if (reply.get("warning") instanceof String warning) {
            log.warn(warning);
        }
        jars.update(reply.get("jars"));
        var encoder = new MessageEncoder(Boolean.TRUE.equals(reply.get("short-messages")));

        BatchedStream stream = BatchedStream.startForOne(connection);
        WorkerLoop loop = new WorkerLoop(
                config,
                options,
                new WorkerLoop.Parts(
                        store,
                        stream,
                        encoder,
                        measurements,
                        new FunctionCache(options.taskLoader()),
                        options.scheduler(),
                        fetch -> transfers.start(fetch, parts().loop()),
                        this::broken));
        parts.complete(new Parts(store, measurements, loop, transfers, stream, encoder));
        log.info("worker " + name + " at " + address + " with " + options.nthreads() + " threads registered at "
                + options.scheduler());
        changeStatus(WorkerStatus.RUNNING);
        memory.watch(this::pauseOrGoOn, measurements::monitorSpilled);
        // A platform thread, since to wake a virtual one takes two others on the way of every task.
        Thread.ofPlatform().daemon().name("stream-" + address).start(() -> readStream(connection, loop));
        Thread.ofVirtual()
                .name("heartbeat-" + address)
                .start(() -> heartbeat.run(
                        pool, options.scheduler(), address, loop, this::isClosing, log, this::closeInBackground));
        Thread.ofVirtual().name("tick-" + address).start(() -> tick(measurements));
        Thread.ofVirtual()
                .name("profile-" + address)
                .start(new Profiler(options.profile(), loop::running, profile, measurements::profile, this::isClosing));
        departure.whenLifetimeEnds(() -> closeGracefully("worker-lifetime-reached", Departure.PATIENCE));
    }

    private void readStream(Connection connection, WorkerLoop loop) {
        var reader = new SchedulerStream(connection, loop, log, new SchedulerStream.Control() {
            @Override
            public void statusChange(String wanted) {
                WorkerStatus.ofWireName(wanted).ifPresent(Worker.this::changeStatus);
            }

            @Override
            public void peerGone(String peer) {
                pool.forget(peer);
            }

            @Override
            public void close(String reason) {
                closeInBackground(reason);
            }
        });
        String why = reader.read();
        streamEnded.countDown();
        if (!isClosing()) {
            if (!departure.isUnderWay()) {
                log.warn("lost the scheduler" + (why == null ? "" : ": " + why));
            }
            close("scheduler connection ended");
        }
    }

    private void tick(Measurements measurements) {
        try {
            long last = System.nanoTime();
            while (!isClosing()) {
                Thread.sleep(TICK);
                long now = System.nanoTime();
                measurements.tick((now - last) / 1e9);
                last = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void changeStatus(WorkerStatus wanted) {
        synchronized (this) {
            if (isClosing() || status == wanted) {
                return;
            }
            status = wanted;
        }
        parts().loop().handle(new WorkerEvent.SetPaused(wanted != WorkerStatus.RUNNING));
        tellStatus(wanted);
    }

    /// Memory is short, or no longer. Other states are left as they are.
    private void pauseOrGoOn(boolean pause) {
        if (status == (pause ? WorkerStatus.RUNNING : WorkerStatus.PAUSED)) {
            changeStatus(pause ? WorkerStatus.PAUSED : WorkerStatus.RUNNING);
        }
    }

    private void tellStatus(WorkerStatus now) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("op", "worker-status-change");
        message.put("status", now.wireName());
        message.put("stimulus_id", parts().encoder().stimulusId("worker-status-change-"));
        parts().stream().send(message);
    }

    private void broken(Throwable cause) {
        log.error("the worker's state is broken, which is a bug; it closes", cause);
        departure.comesBack();
        closeInBackground("broken invariant: " + cause.getMessage());
    }

    private void closeInBackground(String reason) {
        Thread.ofVirtual().name("close-" + address).start(() -> close(reason));
    }

    /// What the worker consists of; a request that comes before the worker has registered waits for that.
    Parts parts() {
        try {
            return parts.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("this worker is not in a cluster yet", e);
        }
    }

    WorkerMemory memory() {
        return memory;
    }

    WorkerOptions options() {
        return options;
    }

    UploadedJars jars() {
        return jars;
    }

    ProfileHistory profile() {
        return profile;
    }

    WorkerLog log() {
        return log;
    }

    Map<String, @Nullable Object> identity() {
        Map<String, @Nullable Object> identity = new LinkedHashMap<>();
        identity.put("type", "Worker");
        identity.put("id", name);
        identity.put("scheduler", options.scheduler());
        identity.put("nthreads", options.nthreads());
        identity.put("memory_limit", options.memoryLimitBytes() == 0 ? null : options.memoryLimitBytes());
        return identity;
    }

    /// The address under which scheduler and peers know the worker.
    public String address() {
        return address;
    }

    public String name() {
        return name;
    }

    /// 0 for none.
    public long memoryLimitBytes() {
        return options.memoryLimitBytes();
    }

    public WorkerStatus status() {
        return status;
    }

    /// What the worker does now and measured lately; never waits for it.
    public WorkerSnapshot snapshot() {
        Parts p = parts();
        WorkerLoop.Published published = p.loop().published();
        Measurements.Ticks ticks = p.measurements().ticks();
        WorkerSnapshot.Transfers outgoing = p.measurements().outgoingTransfers();
        return new WorkerSnapshot(
                memory.countsByName(published),
                outgoing.count(),
                published.peersInFlight(),
                options.nthreads(),
                p.measurements().latencySeconds(),
                ticks.medianSeconds(),
                p.measurements().taskMedianSeconds(),
                p.measurements().bandwidthMedianBytesPerSecond(),
                ticks.maximumSeconds(),
                ticks.count(),
                memory.figures(),
                memory.spills(),
                p.measurements().incomingTransfers(published.bytesInFlight(), published.peersInFlight()),
                outgoing,
                p.measurements().measured(name, address, options.nthreads(), calls.figures()));
    }

    /// Tasks by state, those without one left out.
    Map<String, Integer> taskCounts() {
        return memory.taskCounts(parts().loop().published());
    }

    private boolean isClosing() {
        return status == WorkerStatus.CLOSING || status == WorkerStatus.CLOSED;
    }

    /// Waits until the worker has closed, for whatever reason.
    ///
    /// @return the reason
    public String awaitClosed() throws InterruptedException {
        closed.await();
        return closeReason;
    }

    /// Tells the scheduler, interrupts the tasks that run, and ends. Returns when it has.
    @Override
    public void close() {
        close("worker-close");
    }

    /// Has the scheduler move to others what only this worker holds, taking no more tasks meanwhile, and closes.
    /// Where there is nobody to take it, or not in time, closes all the same. Returns when it has.
    ///
    /// @param patience for the data to move
    public void closeGracefully(String reason, Duration patience) {
        if (!isClosing() && departure.begin(reason)) {
            log.info("worker " + name + " at " + address + " closes gracefully: " + reason);
            departure.retire(patience);
        } else {
            awaitQuietly(closed, patience);
        }
        close(reason);
    }

    /// From now on its end is no business of the nanny: it has been told already, or is to start the worker again.
    public void leaveNannyAlone() {
        departure.comesBack();
    }

    void close(String reason) {
        boolean already;
        synchronized (this) {
            already = isClosing();
            if (!already) {
                status = WorkerStatus.CLOSING;
            }
        }
        if (already) {
            awaitQuietly(closed, START_TIMEOUT);
            return;
        }
        closeReason = departure.reason(reason);
        log.info("worker " + name + " at " + address + " closes: " + closeReason);
        departure.tellNanny(closeReason);
        try {
            Parts p = parts();
            p.stream()
                    .send(Map.of(
                            "op",
                            "log-event",
                            "topic",
                            address,
                            "msg",
                            Map.of("action", "closing-worker", "reason", closeReason)));
            tellStatus(WorkerStatus.CLOSING);
            p.stream().send(Map.of("op", "close-stream"));
            p.loop().close();
            p.stream().close();
            awaitQuietly(streamEnded, FAREWELL_TIMEOUT);
        } finally {
            server.close();
            pool.close();
            options.taskLoader().close();
            memory.close();
            status = WorkerStatus.CLOSED;
            closed.countDown();
        }
    }

    /// Ends a worker that never joined.
    private void abandon() {
        status = WorkerStatus.CLOSED;
        closeReason = "never joined";
        server.close();
        pool.close();
        memory.close();
        parts.completeExceptionally(new IllegalStateException("the worker has not joined a cluster"));
        closed.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch, Duration timeout) {
        try {
            if (!latch.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
