package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.ClientConnections.StreamHandler;
import io.github.daskjvm.scheduler.peers.Workers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The services by which clients and tasks coordinate, Dask's scheduler extensions of the same names.
public final class Coordination implements AutoCloseable {
    private final Events events = new Events();
    private final Semaphores semaphores;
    private final MultiLocks multiLocks = new MultiLocks();
    private final Queues queues;
    private final Variables variables;
    private final PubSub pubSub;
    private final Map<String, StreamHandler> ofWorkers = new HashMap<>();
    private final PublishedDatasets datasets;

    /// @param leaseValidation how often leases of semaphores and locks are checked
    public Coordination(EventLoop loop, Workers workers, ClientConnections clients, Duration leaseValidation) {
        semaphores = new Semaphores(leaseValidation);
        var held = new HeldKeys(loop);
        queues = new Queues(held, clients);
        variables = new Variables(held, clients);
        pubSub = new PubSub(workers, clients);
        datasets = new PublishedDatasets(loop, clients);
    }

    public void register(Map<String, RpcHandler> handlers) {
        events.register(handlers);
        semaphores.register(handlers);
        multiLocks.register(handlers);
        queues.register(handlers);
        variables.register(handlers);
        pubSub.register(handlers, ofWorkers);
        datasets.register(handlers);
    }

    /// Operations of workers' streams.
    public Map<String, StreamHandler> ofWorkers() {
        return ofWorkers;
    }

    /// Semaphores and locks, those beyond a bound together; any thread, waits for nothing.
    public List<SemaphoreFigures> semaphores() {
        return semaphores.snapshot().figures();
    }

    /// How many of them are shown together.
    public int otherSemaphores() {
        return semaphores.snapshot().others();
    }

    @Override
    public void close() {
        semaphores.close();
    }
}
