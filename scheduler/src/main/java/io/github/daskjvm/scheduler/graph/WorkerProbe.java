package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Asks a Python worker, once after it registered and before it is given tasks, which fields it wants in
/// messages: the version it claims may be wrong, and one wrong field ends it.
public final class WorkerProbe {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private WorkerProbe() {}

    /// Blocks for one round trip; call it from a virtual thread.
    ///
    /// @throws IOException if the worker cannot be reached or does not answer in time
    /// @throws RpcFailure if it refuses to `run` anything; what remains then is to guess from the version it claims
    public static WorkerDialect probe(String worker, RpcPool rpc) throws IOException, RpcFailure {
        byte[] answer = new PythonCalls(rpc).call(worker, "probe", TIMEOUT);
        if (!(new MsgpackReader().whole(answer) instanceof Map<?, ?> map)) {
            throw new BadMessageException("worker " + worker + " answered the probe with something that is no map");
        }
        return new WorkerDialect(
                names(map, "compute-task").contains("duration"),
                names(map, "long-running").contains("run_id"),
                names(map, "stream-ops"),
                String.valueOf(map.get("distributed")));
    }

    private static Set<String> names(Map<?, ?> map, String field) throws BadMessageException {
        if (!(map.get(field) instanceof List<?> list)) {
            throw new BadMessageException("the answer to the probe lacks " + field);
        }
        var names = new LinkedHashSet<String>();
        for (Object name : list) {
            names.add(String.valueOf(name));
        }
        return names;
    }
}
