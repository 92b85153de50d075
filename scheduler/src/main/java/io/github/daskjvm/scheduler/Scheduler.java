package io.github.daskjvm.scheduler;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.OpMeter;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.scheduler.coordination.Coordination;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import io.github.daskjvm.scheduler.loop.Outbox;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.JvmPeers;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.peers.WorkerConnections;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import io.github.daskjvm.scheduler.rpc.Cluster;
import io.github.daskjvm.scheduler.rpc.IdentityOps;
import io.github.daskjvm.scheduler.rpc.Operations;
import io.github.daskjvm.scheduler.rpc.WorkerCalls;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running scheduler: listens for workers and clients until it is closed. All methods may be called by any thread.
public final class Scheduler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

    private final String address;
    private final EventLoop loop;
    private final EventLog events;
    private final TaskRecords records;
    private final RpcPool rpc;
    private final RpcServer server;
    private final Workers workers;
    private final ClientConnections clients;
    private final MaterializerPool graphs;
    private final IdentityOps identity;
    private final Housekeeping housekeeping;
    private final Coordination coordination;
    private final OpMeter calls = new OpMeter();
    private volatile Supplier<List<LogLine>> logSource = List::of;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private Scheduler(SchedulerOptions options) throws IOException {
        Outbox[] outboxOfEvents = new Outbox[1];
        events = new EventLog(
                client -> outboxOfEvents[0].client(client),
                options.core().transitionLogLength(),
                options.eventsCleanupDelay());
        Outbox outbox = new Outbox(events::log);
        outboxOfEvents[0] = outbox;
        loop = new EventLoop(options.core(), outbox, failure -> failed(options, failure), options.tracing());
        rpc = new RpcPool(options.tls(), options.connectTimeout());
        workers = new Workers(loop, outbox, rpc, events);
        graphs = new MaterializerPool(rpc, this::load, options.core().noWorkersTimeout());
        var jvm = new JvmPeers(workers);
        clients = new ClientConnections(
                loop, outbox, workers, graphs, events, jvm, options.tracing() != GraphTracing.NONE);
        records = new TaskRecords(options.taskStreamLength());
        var cluster = new Cluster(loop, workers, clients, rpc, events, new WorkerCalls(rpc));
        String[] contact = {""};
        identity = new IdentityOps(workers, () -> contact[0]);
        coordination = new Coordination(loop, workers, clients, options.leaseValidationInterval());
        var surroundings = new Operations.Surroundings(
                this::idleSince, graphs::waitingKeys, () -> logSource.get(), this::close, coordination);
        var operations = new Operations(cluster, identity, records, surroundings);
        jvm.jars(operations::jars);
        housekeeping = new Housekeeping(options, loop, workers, graphs, operations.restarts()::giveUp, this::close);
        var workerConnections = new WorkerConnections(
                loop,
                workers,
                events,
                rpc,
                graphs,
                operations.plugins()::forWorkers,
                jvm,
                records,
                coordination.ofWorkers());
        Map<String, RpcHandler> handlers = new HashMap<>(operations.handlers());
        handlers.put("register-worker", workerConnections::register);
        handlers.put("heartbeat_worker", workerConnections::heartbeat);
        handlers.put("register-client", clients::register);
        handlers.put("jvm_versions", (request, connection) -> jvm.versions(request));
        block(handlers, options.blockedHandlers());
        var listen = new Address(options.protocol(), options.host(), options.port());
        server = RpcServer.start(listen, options.tls(), options.limits(), handlers, calls);
        String host =
                options.host().isEmpty() || options.host().equals("0.0.0.0") ? ContactAddress.host() : options.host();
        address = new Address(options.protocol(), host, server.port()).toString();
        contact[0] = address;
    }

    /// Binds the port and starts to serve.
    ///
    /// @throws java.net.BindException if the port is taken
    public static Scheduler start(SchedulerOptions options) throws IOException {
        var scheduler = new Scheduler(options);
        try {
            options.tracing().begins(scheduler.address);
        } catch (RuntimeException e) {
            scheduler.server.close();
            scheduler.rpc.close();
            throw e;
        }
        scheduler.loop.start();
        if (options.core().memory().start()) {
            scheduler.loop.post(new Event.MemoryManagerSwitched(true));
        }
        scheduler.housekeeping.start();
        log.debug("listening at {}", scheduler.address);
        return scheduler;
    }

    private static void block(Map<String, RpcHandler> handlers, Set<String> blocked) {
        for (String op : blocked) {
            handlers.put(op, (request, connection) -> {
                throw RpcFailure.valueError("The '" + op + "' handler has been explicitly disallowed in Scheduler,"
                        + " possibly due to security concerns.");
            });
        }
    }

    /// A worker's memory in use, by which the one to unpack a graph is chosen.
    private double load(String worker) {
        WorkerInfo info = workers.get(worker);
        return info != null && info.metrics().get("memory") instanceof Number bytes ? bytes.doubleValue() : 0;
    }

    private static void failed(SchedulerOptions options, Throwable failure) {
        log.error("the scheduler's state is broken; stopping, as nothing it says can be relied on", failure);
        options.onFailure().accept(failure);
    }

    private double idleSince() {
        return housekeeping.idleSince();
    }

    /// Where the operation `get_logs` finds the last log lines, newest last; none unless this is set.
    public void logSource(Supplier<List<LogLine>> source) {
        logSource = source;
    }

    /// Where workers and clients connect, such as `tcp://10.0.0.5:8786`.
    public String address() {
        return address;
    }

    /// What the state was a few milliseconds ago, or up to a quarter of a second if it is large, or up to a second if
    /// nobody has asked for as long. Never waits.
    public SchedulerSnapshot snapshot() {
        return loop.snapshot();
    }

    /// Calls, messages and semaphores since start. Never waits.
    public ServiceFigures serviceFigures() {
        return new ServiceFigures(
                address,
                calls.figures(),
                loop.messages().figures(),
                coordination.semaphores(),
                coordination.otherSemaphores(),
                graphs.waitingKeys(),
                cumulativeWorkerMetrics());
    }

    public LoopFigures loopFigures() {
        return loop.figures();
    }

    /// What tasks did of late, as their workers told.
    public TaskRecords taskRecords() {
        return records;
    }

    /// What happened of late, by topic.
    public EventLog events() {
        return events;
    }

    /// Has the thread that owns the state answer a question about it, and waits for the answer. The question holds up
    /// everything else, so it must be short, and must copy what it wants to keep.
    ///
    /// @throws IllegalStateException if the scheduler has ended
    public <T extends @Nullable Object> T query(Function<SchedulerState, T> question) {
        return loop.query(question);
    }

    /// What the operation `identity` answers: names, services, and every worker with its latest metrics.
    public Map<String, @Nullable Object> identity() {
        return identity.identity(-1, true);
    }

    /// Announces ports of further services, `dashboard` above all, in the identity.
    public void services(Map<String, Integer> ports) {
        identity.services(ports);
    }

    /// Workers that have registered, in that order, with what they said last.
    public List<WorkerInfo> workers() {
        return workers.all();
    }

    /// What all workers have measured since the start, by name: fine performance metrics by context, task prefix,
    /// activity and unit, others by one text. At most about ten thousand; beyond, prefix and activity are
    /// [io.github.daskjvm.core.scheduler.MetricSums#OTHER]. Never waits for the loop.
    public Map<List<@Nullable Object>, Number> cumulativeWorkerMetrics() {
        return workers.metrics().sums();
    }

    /// Ids of the clients that are connected.
    public List<String> clients() {
        return clients.ids();
    }

    /// Keys that clients want of graphs which wait for a Python worker to unpack them.
    public long waitingKeys() {
        return graphs.waitingKeys();
    }

    /// Waits for [#close], by whomever.
    public void awaitClosed() throws InterruptedException {
        closed.await();
    }

    /// Tells the workers to end, then ends. The second call does nothing.
    @Override
    public void close() {
        close(() -> {});
    }

    /// @param told runs once the workers have been told and nothing listens any more, while the connections still stand
    private void close(Runnable told) {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        log.info("Scheduler closing at {}", address);
        loop.endTracing(); // before clients go, and their tasks with them
        housekeeping.close();
        coordination.close();
        workers.closeAll("scheduler-close");
        clients.closeAll();
        graphs.close();
        // What was sent is written before the sockets close.
        loop.await();
        stopListening();
        told.run();
        server.close();
        rpc.close();
        loop.close();
        closed.countDown();
    }

    private void stopListening() {
        try {
            server.stopListening();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
