package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Has a Python worker run a function that a client sent to the scheduler. The pickles go there unopened, and so does
/// the reply come back. Any thread may call.
public final class PythonRuns {
    private final RpcPool rpc;

    public PythonRuns(RpcPool rpc) {
        this.rpc = rpc;
    }

    /// Runs it as `run_on_scheduler` would, unless it asks for the scheduler, which it then says in an exception.
    ///
    /// @param wait false to have an asynchronous one run in the background
    /// @return the reply of the worker's operation `run`: its status, and the result or the exception
    /// @throws IOException if the worker can not be reached or went away
    public @Nullable Object run(
            String worker, byte[] function, byte @Nullable [] arguments, byte @Nullable [] keywords, boolean wait)
            throws IOException, RpcFailure {
        Payload payload = Payload.serialized(
                PythonCalls.BYTES_HEADER, Pickle.partsOf(Pickle.tuple(function, arguments, keywords, wait)));
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "run");
        request.put("function", PythonModule.installingFunction("run_for_scheduler"));
        request.put("args", payload);
        request.put("kwargs", null);
        request.put("wait", true);
        return rpc.call(worker, request, Duration.ZERO);
    }
}
