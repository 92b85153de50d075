package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The state as a whole, for people who look for a fault.
final class StateOps {
    /// Tasks told of, at most.
    private static final int TASKS_MAX = 1_000_000;

    private final Cluster cluster;
    private final IdentityOps identity;

    StateOps(Cluster cluster, IdentityOps identity) {
        this.cluster = cluster;
        this.identity = identity;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("dump_state", (request, connection) -> state());
        handlers.put("get_cluster_state", this::clusterState);
        handlers.put("get_story", this::story);
    }

    /// The transitions of the keys, and those due to the stimuli. A text may be either.
    private Object story(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(request, "keys_or_stimuli");
        Set<String> stimuli = new HashSet<>();
        for (Object given : request.list("keys_or_stimuli")) {
            if (given instanceof String text) {
                stimuli.add(text);
            }
        }
        return Stories.rows(cluster.loop().query(state -> state.log().story(keys, stimuli)));
    }

    private Object clusterState(Fields request, Connection connection) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("scheduler", state());
        state.put("workers", Map.of());
        state.put("versions", Map.of("scheduler", identity.versions(), "workers", Map.of()));
        return state;
    }

    private Map<String, @Nullable Object> state() {
        Map<String, @Nullable Object> state = identity.identity(-1, true);
        state.put("tasks", cluster.loop().query(s -> {
            Map<String, Object> tasks = new LinkedHashMap<>();
            for (TaskState task : s.tasks()) {
                if (tasks.size() >= TASKS_MAX) {
                    break;
                }
                tasks.put(task.key().toString(), describe(task));
            }
            return tasks;
        }));
        return state;
    }

    private static Map<String, @Nullable Object> describe(TaskState task) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("state", task.status().wireName());
        map.put("prefix", task.prefix());
        map.put("nbytes", task.sizeBytes());
        map.put("who_has", DataOps.holders(task));
        WorkerEntry worker = task.processingOn();
        map.put("processing_on", worker == null ? null : worker.address());
        var dependencies = new ArrayList<String>();
        for (TaskState dependency : task.dependencies()) {
            dependencies.add(dependency.key().toString());
        }
        map.put("dependencies", dependencies);
        return map;
    }
}
