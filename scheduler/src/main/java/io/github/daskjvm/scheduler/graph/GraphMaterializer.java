package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;

/// Has a Python worker unpack a graph with Dask's own code. Any thread may call.
public final class GraphMaterializer {
    private final RpcPool rpc;

    public GraphMaterializer(RpcPool rpc) {
        this.rpc = rpc;
    }

    /// Blocks until done; call it from a virtual thread.
    ///
    /// @param worker address of a Python worker
    /// @throws GraphFailure if it lies with the graph
    /// @throws IOException if it lies with the worker: another may do it
    public MaterializedGraph materialize(GraphRequest request, String worker) throws IOException, GraphFailure {
        throw new UnsupportedOperationException("not written yet " + rpc);
    }
}
