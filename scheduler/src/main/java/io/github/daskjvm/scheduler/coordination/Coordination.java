package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import java.time.Duration;
import java.util.Map;

/// The services by which clients and tasks coordinate, Dask's scheduler extensions of the same names.
public final class Coordination implements AutoCloseable {
    private final Events events = new Events();
    private final Semaphores semaphores;
    private final MultiLocks multiLocks = new MultiLocks();
    private final Queues queues;
    private final Variables variables;
    private final ClientConnections clients;
    private final PublishedDatasets datasets;

    /// @param leaseValidation how often leases of semaphores and locks are checked
    public Coordination(EventLoop loop, ClientConnections clients, Duration leaseValidation) {
        semaphores = new Semaphores(leaseValidation);
        var held = new HeldKeys(loop);
        queues = new Queues(held);
        variables = new Variables(held);
        this.clients = clients;
        datasets = new PublishedDatasets(loop, clients);
    }

    public void register(Map<String, RpcHandler> handlers) {
        events.register(handlers);
        semaphores.register(handlers);
        multiLocks.register(handlers);
        queues.register(handlers, clients);
        variables.register(handlers, clients);
        datasets.register(handlers);
    }

    @Override
    public void close() {
        semaphores.close();
    }
}
