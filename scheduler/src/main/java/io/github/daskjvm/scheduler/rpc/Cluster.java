package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
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
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        Collection<?> given = given(request, name);
        var found = new ArrayList<WorkerInfo>(given.size());
        for (Object item : given) {
            WorkerInfo worker = item == null ? null : workers.find(item);
            if (worker == null || !workers.awaitJoined(worker.address())) {
                throw unknown(item);
            }
            found.add(worker);
        }
        return found;
    }

    /// As [#workers(Fields, String)], for a field that may name hosts too, each for all its workers, as Dask's
    /// `workers_list` allows. What is no address, and the name of no worker and of no host with workers, stands for
    /// none.
    List<WorkerInfo> workersByHost(Fields request, String name)
            throws BadMessageException, RpcFailure, InterruptedException {
        if (request.get(name) == null) {
            return workers(request, name);
        }
        var found = new LinkedHashSet<WorkerInfo>();
        for (Object item : given(request, name)) {
            WorkerInfo worker = item == null ? null : workers.find(item);
            String text = String.valueOf(item);
            List<WorkerInfo> meant = worker == null ? workers.on(text) : List.of(worker);
            if (meant.isEmpty() && text.contains(":")) {
                throw unknown(item);
            }
            for (WorkerInfo each : meant) {
                if (workers.awaitJoined(each.address())) {
                    found.add(each);
                }
            }
        }
        return List.copyOf(found);
    }

    /// A Python worker that runs.
    ///
    /// @param none what to tell the caller if there is none
    String pythonWorker(String none) throws RpcFailure {
        for (WorkerInfo worker : workers.all()) {
            if (worker.runtime() == Runtime.PYTHON && worker.status() == WorkerStatus.RUNNING) {
                return worker.address();
            }
        }
        throw RpcFailure.python("builtins", "RuntimeError", none);
    }

    private static Collection<?> given(Fields request, String name) throws BadMessageException {
        return request.get(name) instanceof String one ? List.of(one) : request.list(name);
    }

    private static RpcFailure unknown(@Nullable Object worker) {
        return new RpcFailure(
                "KeyError: no worker " + worker + " is known",
                Pickle.exception("builtins", "KeyError", String.valueOf(worker)),
                null);
    }
}
