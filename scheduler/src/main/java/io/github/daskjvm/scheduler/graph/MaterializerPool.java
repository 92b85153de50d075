package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcPool;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;

/// Graphs on their way to become tasks: each waits until there is a Python worker to unpack it, and is tried on
/// another worker when that one dies. Any thread may call anything.
///
/// Bounded by the number of clients, each of which has one graph here at a time, as its stream is not read on
/// until the graph has become tasks.
public final class MaterializerPool implements AutoCloseable {
    private final GraphMaterializer materializer;
    private final ToDoubleFunction<String> load;

    /// @param load how busy the worker at an address is; the least busy one is taken. Called from any thread
    public MaterializerPool(RpcPool rpc, ToDoubleFunction<String> load) {
        this.materializer = new GraphMaterializer(rpc);
        this.load = load;
    }

    /// @return completes on some virtual thread; exceptionally with a [GraphFailure] if it lies with the graph,
    ///     with a `CancellationException` after [#close]. Cancelling it takes a waiting graph out.
    public CompletableFuture<MaterializedGraph> submit(GraphRequest request) {
        throw new UnsupportedOperationException("not written yet " + materializer + load);
    }

    /// A Python worker can be used from now on.
    public void workerJoined(String worker, WorkerDialect dialect) {
        throw new UnsupportedOperationException("not written yet");
    }

    /// A worker that is not running, paused say, gets graphs only when there is no other.
    public void workerRunning(String worker, boolean running) {
        throw new UnsupportedOperationException("not written yet");
    }

    /// It is gone; what it had begun goes to another.
    public void workerLeft(String worker) {
        throw new UnsupportedOperationException("not written yet");
    }

    /// Wanted keys of graphs that wait for a Python worker: demand that an adaptive cluster must see.
    public long waitingKeys() {
        throw new UnsupportedOperationException("not written yet");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("not written yet");
    }
}
