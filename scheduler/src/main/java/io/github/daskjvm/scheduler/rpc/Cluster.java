package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What the operations work with.
public record Cluster(
        EventLoop loop, Workers workers, ClientConnections clients, RpcPool rpc, EventLog events, WorkerCalls calls) {

    /// The workers that a field names by address or name, once the loop knows them; all that it knows if the field is
    /// missing or null.
    ///
    /// @throws RpcFailure a `KeyError` naming the first that is not there
    List<WorkerInfo> workers(Fields request, String name) throws BadMessageException, RpcFailure, InterruptedException {
        if (request.get(name) == null) {
            List<WorkerInfo> all = workers.all();
            all.removeIf(worker -> !workers.hasJoined(worker.address()));
            return all;
        }
        Collection<?> given = request.get(name) instanceof String one ? List.of(one) : request.list(name);
        var found = new ArrayList<WorkerInfo>(given.size());
        for (Object item : given) {
            WorkerInfo worker = item == null ? null : workers.find(item);
            if (worker == null || !workers.awaitJoined(worker.address())) {
                throw new RpcFailure(
                        "KeyError: no worker " + item + " is known",
                        Pickle.exception("builtins", "KeyError", String.valueOf(item)),
                        null);
            }
            found.add(worker);
        }
        return found;
    }
}
