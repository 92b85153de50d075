package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import java.util.Map;

/// The services by which clients and tasks coordinate, Dask's scheduler extensions of the same names.
public final class Coordination {
    private final Events events = new Events();
    private final PublishedDatasets datasets;

    public Coordination(EventLoop loop, ClientConnections clients) {
        datasets = new PublishedDatasets(loop, clients);
    }

    public void register(Map<String, RpcHandler> handlers) {
        events.register(handlers);
        datasets.register(handlers);
    }
}
