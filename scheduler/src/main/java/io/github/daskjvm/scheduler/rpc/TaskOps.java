package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.loop.SchedulerExceptions;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What is known of tasks, and asking for one more try.
final class TaskOps {
    private final Cluster cluster;

    TaskOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("who_has", this::whoHas);
        handlers.put("has_what", (request, c) -> byWorker(request, WorkerEntry::hasWhat));
        handlers.put("processing", (request, c) -> byWorker(request, WorkerEntry::processing));
        handlers.put("nbytes", this::sizes);
        handlers.put("get_task_status", this::status);
        handlers.put("get_task_prefix_states", this::prefixStates);
        handlers.put("retry", this::retry);
        handlers.put("get_runspec", this::runSpec);
        handlers.put("get_error_cause", this::errorCause);
        handlers.put("set_restrictions", this::restrict);
    }

    private Object whoHas(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keysOrNull(request, "keys");
        return cluster.loop().query(state -> {
            Map<Object, Object> whoHas = new LinkedHashMap<>();
            if (keys == null) {
                for (TaskState task : state.tasks()) {
                    whoHas.put(task.key().value(), DataOps.holders(task));
                }
            } else {
                DataOps.whoHas(state, keys).forEach((key, holders) -> whoHas.put(key.value(), holders));
            }
            return whoHas;
        });
    }

    private Object byWorker(Fields request, Function<WorkerEntry, Collection<TaskState>> of)
            throws BadMessageException {
        List<String> addresses = new ArrayList<>();
        cluster.workers().settle();
        if (request.get("workers") == null) {
            for (WorkerInfo worker : cluster.workers().all()) {
                addresses.add(worker.address());
            }
        } else {
            for (Object given : request.list("workers")) {
                WorkerInfo worker = given == null ? null : cluster.workers().find(given);
                addresses.add(worker == null ? String.valueOf(given) : worker.address());
            }
        }
        return cluster.loop().query(state -> {
            Map<String, Object> keys = new LinkedHashMap<>();
            for (String address : addresses) {
                WorkerEntry worker = state.worker(address);
                keys.put(address, worker == null ? List.of() : values(of.apply(worker)));
            }
            return keys;
        });
    }

    private static List<Object> values(Collection<TaskState> tasks) {
        var values = new ArrayList<>(tasks.size());
        for (TaskState task : tasks) {
            values.add(task.key().value());
        }
        return values;
    }

    private Object sizes(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        List<TaskKey> keys = Wire.keysOrNull(request, "keys");
        boolean summary = request.bool("summary", true);
        Map<Object, Long> sizes = new LinkedHashMap<>();
        TaskKey unknown = cluster.loop().query(state -> {
            if (keys == null) {
                for (TaskState task : state.tasks()) {
                    if (!task.whoHas().isEmpty()) {
                        addSize(sizes, task, summary);
                    }
                }
                return null;
            }
            for (TaskKey key : keys) {
                TaskState task = state.task(key);
                if (task == null) {
                    return key;
                }
                addSize(sizes, task, summary);
            }
            return null;
        });
        if (unknown != null) {
            throw keyError(unknown);
        }
        return sizes;
    }

    private static void addSize(Map<Object, Long> sizes, TaskState task, boolean summary) {
        if (summary) {
            sizes.merge(task.prefix(), task.sizeBytes(), Long::sum);
        } else {
            sizes.put(task.key().value(), task.sizeBytes());
        }
    }

    static RpcFailure keyError(TaskKey key) {
        return new RpcFailure(
                "KeyError: " + key,
                Pickle.exception("builtins", "KeyError", SchedulerExceptions.pickledKey(key)),
                null);
    }

    private Object status(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(request, "keys");
        return cluster.loop().query(state -> {
            Map<Object, @Nullable Object> status = LinkedHashMap.newLinkedHashMap(keys.size());
            for (TaskKey key : keys) {
                TaskState task = state.task(key);
                status.put(key.value(), task == null ? null : task.status().wireName());
            }
            return status;
        });
    }

    private Object prefixStates(Fields request, Connection connection) {
        List<TaskStatus> told = List.of(
                TaskStatus.MEMORY, TaskStatus.ERRED, TaskStatus.RELEASED, TaskStatus.PROCESSING, TaskStatus.WAITING);
        SchedulerSnapshot snapshot = cluster.loop().query(SchedulerState::snapshot);
        Map<String, Object> prefixes = new LinkedHashMap<>();
        for (SchedulerSnapshot.PrefixSnapshot prefix : snapshot.prefixes()) {
            Map<String, Object> counts = new LinkedHashMap<>();
            boolean any = false;
            for (TaskStatus status : told) {
                int count = prefix.current().getOrDefault(status, 0);
                any |= count > 0;
                counts.put(status.wireName(), count);
            }
            if (any) {
                prefixes.put(prefix.name(), counts);
            }
        }
        return prefixes;
    }

    /// The failed tasks at the root of what the keys failed for are run again, with what depends on them.
    private Object retry(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(request, "keys");
        List<Object> erred = new ArrayList<>();
        DataOps.inParts(keys, some -> erred.addAll(cluster.loop().query(state -> erred(state, some))));
        cluster.loop().post(new Event.RetryKeys(keys, "retry"));
        cluster.loop().await();
        return erred;
    }

    private static List<Object> erred(SchedulerState state, List<TaskKey> keys) {
        List<Object> values = new ArrayList<>();
        for (TaskKey key : keys) {
            TaskState task = state.task(key);
            if (task != null && task.status() == TaskStatus.ERRED) {
                values.add(key.value());
            }
        }
        return values;
    }

    private @Nullable Object runSpec(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        TaskKey key = Wire.key(request, "key");
        Object[] found = cluster.loop().query(state -> {
            TaskState task = state.task(key);
            return task == null ? new Object[0] : new Object[] {task.runSpec()};
        });
        if (found.length == 0) {
            throw keyError(key);
        }
        return found[0];
    }

    private @Nullable Object errorCause(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(request, "keys");
        return cluster.loop().query(state -> {
            for (TaskKey key : keys) {
                TaskState task = state.task(key);
                TaskState blame = task == null ? null : task.blame();
                if (blame != null) {
                    return blame.key().value();
                }
            }
            return null;
        });
    }

    private @Nullable Object restrict(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        Map<TaskKey, @Nullable List<String>> workers = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : request.mapping("worker").entrySet()) {
            TaskKey key = Wire.key(entry.getKey(), request, "worker");
            workers.put(
                    key,
                    switch (entry.getValue()) {
                        case null -> null;
                        case String one -> List.of(one);
                        case Collection<?> several -> several.isEmpty() ? null : Wire.texts(several, request, "worker");
                        default -> throw request.wrong("worker", "a map from keys to addresses");
                    });
        }
        TaskKey unknown = cluster.loop().query(state -> {
            for (TaskKey key : workers.keySet()) {
                if (state.task(key) == null) {
                    return key;
                }
            }
            return null;
        });
        if (unknown != null) {
            throw keyError(unknown);
        }
        cluster.loop().post(new Event.SetRestrictions(workers));
        cluster.loop().await();
        return null;
    }
}
