package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.Runtimes;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Data between clients and workers, by way of the scheduler: `gather`, and what others say workers hold.
final class DataOps {
    private static final Logger log = LoggerFactory.getLogger(DataOps.class);

    /// Looked up in well under a millisecond.
    private static final int ASKED_AT_ONCE = 4_000;

    private final Cluster cluster;

    DataOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("gather", this::gather);
        handlers.put("update_data", this::updateData);
        handlers.put("add_keys", this::addKeys);
    }

    private Object gather(Fields request, Connection connection) throws IOException {
        List<TaskKey> keys = Wire.keys(request, "keys");
        try (var gather = new Gather(cluster)) {
            List<TaskKey> missing = gather.gather(keys, request.get("serializers"));
            cluster.events().log("all", Map.of("action", "gather", "count", keys.size()));
            if (missing.isEmpty()) {
                gather.write(connection);
                return RpcHandler.ANSWERED;
            }
            log.warn("could not gather {} of {} keys, {} first", missing.size(), keys.size(), missing.getFirst());
            return Map.of("status", "error", "keys", values(missing));
        }
    }

    static List<Object> values(Collection<TaskKey> keys) {
        var values = new ArrayList<>(keys.size());
        for (TaskKey key : keys) {
            values.add(key.value());
        }
        return values;
    }

    /// Data that a client or a task placed on workers itself.
    private @Nullable Object updateData(Fields request, Connection connection)
            throws BadMessageException, InterruptedException {
        Map<TaskKey, List<String>> whoHas = Wire.whoHas(request, "who_has");
        for (List<String> holders : whoHas.values()) {
            for (String holder : holders) {
                cluster.workers().awaitJoined(holder);
            }
        }
        cluster.loop()
                .post(new Event.DataPlaced(
                        whoHas,
                        Wire.sizes(request, "nbytes"),
                        request.stringOrNull("client"),
                        Runtimes.of(cluster.workers(), whoHas.values()),
                        "update-data"));
        cluster.loop().await();
        return null;
    }

    /// Does not keep the caller waiting for a worker that has just registered: the two may share a thread.
    private Object addKeys(Fields request, Connection connection) throws BadMessageException {
        String worker = request.string("worker");
        if (cluster.workers().get(worker) == null) {
            return "not found";
        }
        var added = new Event.ReplicasAdded(worker, Wire.keys(request, "keys"), "add-keys");
        if (cluster.workers().hasJoined(worker)) {
            cluster.loop().post(added);
            cluster.loop().await();
        } else {
            Thread.ofVirtual().name("add-keys").start(() -> addOnceJoined(added));
        }
        return "OK";
    }

    private void addOnceJoined(Event.ReplicasAdded added) {
        try {
            if (cluster.workers().awaitJoined(added.worker())) {
                cluster.loop().post(added);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Where results are now: for each key the addresses of workers that hold it, none for a key that is unknown.
    static Map<TaskKey, List<String>> whoHas(SchedulerState state, Collection<TaskKey> keys) {
        Map<TaskKey, List<String>> whoHas = LinkedHashMap.newLinkedHashMap(keys.size());
        for (TaskKey key : keys) {
            TaskState task = state.task(key);
            whoHas.put(key, task == null ? List.of() : holders(task));
        }
        return whoHas;
    }

    /// The same, asked for so many keys at a time that the loop is not kept from others for long.
    static Map<TaskKey, List<String>> whoHas(EventLoop loop, Collection<TaskKey> keys) {
        List<TaskKey> all = List.copyOf(keys);
        Map<TaskKey, List<String>> whoHas = LinkedHashMap.newLinkedHashMap(all.size());
        inParts(all, some -> whoHas.putAll(loop.query(state -> whoHas(state, some))));
        return whoHas;
    }

    /// One part of the keys after the other, as large as the loop may be asked for at once.
    static void inParts(List<TaskKey> keys, Consumer<List<TaskKey>> each) {
        for (int from = 0; from < keys.size(); from += ASKED_AT_ONCE) {
            each.accept(keys.subList(from, Math.min(keys.size(), from + ASKED_AT_ONCE)));
        }
    }

    static List<String> holders(TaskState task) {
        var addresses = new ArrayList<String>(task.whoHas().size());
        for (WorkerEntry worker : task.whoHas()) {
            addresses.add(worker.address());
        }
        return addresses;
    }
}
