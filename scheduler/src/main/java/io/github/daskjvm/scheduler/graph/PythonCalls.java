package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Calls functions of [PythonModule] on Python workers, through their `run`. Any thread may call.
///
/// The first call to a worker brings the module's source along; later ones name the function only, which makes
/// their pickle 60 bytes long, and bring it again where the worker says that it does not have it.
public final class PythonCalls {
    static final Map<String, ?> BYTES_HEADER = Map.of(
            "serializer",
            "dask",
            "sub-header",
            Map.of(),
            "type",
            "bytes",
            "type-serialized",
            Pickle.of(Pickle.global("builtins", "bytes")));

    private final RpcPool rpc;
    private final Set<String> installed = ConcurrentHashMap.newKeySet();

    public PythonCalls(RpcPool rpc) {
        this.rpc = rpc;
    }

    /// Blocks for the answer, the `bytes` that the function returned.
    ///
    /// @param timeout zero waits for ever
    /// @param arguments as [Pickle#of] takes them
    /// @throws RpcFailure if it raised, or the worker's `run` did
    /// @throws IOException if the worker cannot be reached, went away or answered with something else
    public byte[] call(String worker, String function, Duration timeout, @Nullable Object... arguments)
            throws IOException, RpcFailure {
        Payload pickledArguments = Payload.serialized(BYTES_HEADER, Pickle.partsOf(Pickle.tuple(arguments)));
        if (installed.contains(worker)) {
            try {
                return run(worker, PythonModule.function(function), pickledArguments, timeout);
            } catch (RpcFailure e) {
                if (!isMissingModule(e)) {
                    throw e;
                }
                installed.remove(worker);
            }
        }
        byte[] answer = run(worker, PythonModule.installingFunction(function), pickledArguments, timeout);
        installed.add(worker);
        return answer;
    }

    /// The worker is gone.
    public void forget(String worker) {
        installed.remove(worker);
    }

    private static boolean isMissingModule(RpcFailure e) {
        return String.valueOf(e.getMessage()).contains(PythonModule.NAME);
    }

    private byte[] run(String worker, byte[] function, Payload arguments, Duration timeout)
            throws IOException, RpcFailure {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "run");
        request.put("function", function);
        request.put("args", arguments);
        request.put("kwargs", null);
        request.put("wait", true);
        if (!(rpc.call(worker, request, timeout) instanceof Map<?, ?> reply)) {
            throw new BadMessageException("worker " + worker + " answered run with something that is no map");
        }
        if (!"OK".equals(reply.get("status"))) {
            throw new RpcFailure(
                    String.valueOf(reply.get("exception_text")), reply.get("exception"), reply.get("traceback"));
        }
        return switch (reply.get("result")) {
            case Payload payload -> PayloadFrames.bytes(payload);
            case byte[] bytes -> bytes;
            case null, default ->
                throw new BadMessageException("worker " + worker + " answered run without a result of bytes");
        };
    }
}
