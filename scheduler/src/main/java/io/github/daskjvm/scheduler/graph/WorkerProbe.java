package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;

/// Asks a Python worker, once after it registered and before it is given tasks, which fields it wants in
/// messages: the version it claims may be wrong, and one wrong field ends it.
public final class WorkerProbe {
    private WorkerProbe() {}

    /// Blocks for one round trip; call it from a virtual thread.
    ///
    /// @throws IOException if the worker cannot be reached or does not answer in time
    /// @throws RpcFailure if it refuses to `run` anything
    public static WorkerDialect probe(String worker, RpcPool rpc) throws IOException, RpcFailure {
        throw new UnsupportedOperationException("not written yet");
    }
}
