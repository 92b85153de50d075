package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.ClientEntry;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.core.scheduler.TaskGroup;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The state as a whole, for people who look for a fault, with the fields that Python's `DumpArtefact` looks for;
/// and the stories of tasks.
final class StateOps {
    /// Tasks told of, at most.
    private static final int TASKS_MAX = 1_000_000;

    private static final Duration WORKER_TIMEOUT = Duration.ofSeconds(60);

    private final Cluster cluster;
    private final IdentityOps identity;

    StateOps(Cluster cluster, IdentityOps identity) {
        this.cluster = cluster;
        this.identity = identity;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("dump_state", (request, connection) -> state(excluded(request)));
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

    private static Set<String> excluded(Fields request) throws BadMessageException {
        List<String> names = Wire.textsOrNull(request, "exclude");
        return names == null ? Set.of() : Set.copyOf(names);
    }

    private Object clusterState(Fields request, Connection connection) throws BadMessageException {
        Set<String> excluded = excluded(request);
        Map<String, Object> states = new LinkedHashMap<>();
        Map<String, Object> versions = new LinkedHashMap<>();
        List<String> addresses = new ArrayList<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            addresses.add(worker.address());
        }
        Map<String, ?> dump = Map.of("op", "dump_state", "exclude", List.copyOf(excluded));
        cluster.calls().all(addresses, worker -> dump, WORKER_TIMEOUT).forEach((worker, outcome) -> {
            Object reply = outcome.reply();
            states.put(worker, reply == null ? String.valueOf(outcome.failure()) : reply);
        });
        cluster.calls()
                .all(addresses, worker -> Map.of("op", "versions"), WORKER_TIMEOUT)
                .forEach((worker, outcome) -> {
                    Object reply = outcome.reply();
                    if (reply != null) {
                        versions.put(worker, reply);
                    }
                });
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("scheduler", state(excluded));
        state.put("workers", PlainValues.of(states, excluded));
        state.put("versions", Map.of("scheduler", identity.versions(), "workers", versions));
        return state;
    }

    /// Source of the names: `Scheduler._to_dict`. What is large and excluded is not even gathered: some ask often.
    private Map<String, @Nullable Object> state(Set<String> excluded) {
        Map<String, @Nullable Object> all = identity.identity(-1, true);
        Map<String, WorkerInfo> workers = new LinkedHashMap<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            workers.put(worker.address(), worker);
        }
        all.put("memory", ClusterMemory.now(cluster).map());
        if (!excluded.contains("events")) {
            all.put("events", cluster.events().events());
        }
        if (!excluded.contains("cumulative_worker_metrics")) {
            all.put(
                    "cumulative_worker_metrics",
                    SpanDescriptions.rows(cluster.workers().metrics().sums()));
        }
        all.putAll(cluster.loop().query(state -> {
            Map<String, Object> live = new LinkedHashMap<>();
            if (!excluded.contains("transition_log")) {
                live.put("transition_log", textKeys(Stories.rows(state.log().entries())));
            }
            live.put("transition_counter", state.log().total());
            if (!excluded.contains("tasks")) {
                live.put("tasks", tasks(state));
            }
            if (!excluded.contains("task_groups")) {
                live.put("task_groups", groups(state, !excluded.contains("types")));
            }
            SpanDescriptions descriptions = SpanOps.descriptions(cluster);
            live.put(
                    "extensions",
                    excluded.contains("extensions") || excluded.contains("spans")
                            ? Map.of()
                            : Map.of("spans", descriptions.spans(state)));
            if (!excluded.contains("computations")) {
                live.put("computations", descriptions.computations(state));
            }
            Map<String, Object> described = new LinkedHashMap<>();
            for (WorkerEntry worker : state.workers()) {
                described.put(worker.address(), describe(worker, workers.get(worker.address()), excluded));
            }
            live.put("workers", described);
            Map<String, Object> clients = new LinkedHashMap<>();
            for (ClientEntry client : state.clients()) {
                Map<String, Object> wanting = new LinkedHashMap<>();
                wanting.put("client_key", client.id());
                if (!excluded.contains("wants_what")) {
                    wanting.put("wants_what", keys(client.wants()));
                }
                clients.put(client.id(), wanting);
            }
            live.put("clients", clients);
            return live;
        }));
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            if (!excluded.contains(name)) {
                plain.put(name, PlainValues.of(value, excluded));
            }
        });
        return plain;
    }

    /// Keys as text, which is all that a map of a file may have; in rows too, so that they can be looked for.
    private static List<List<Object>> textKeys(List<List<Object>> rows) {
        List<List<Object>> texts = new ArrayList<>(rows.size());
        for (List<Object> row : rows) {
            List<Object> copy = new ArrayList<>(row);
            copy.set(0, TaskKey.of(row.getFirst()).toString());
            texts.add(copy);
        }
        return texts;
    }

    private static Map<String, Object> tasks(SchedulerState state) {
        Map<String, Object> tasks = new LinkedHashMap<>();
        for (TaskState task : state.tasks()) {
            if (tasks.size() >= TASKS_MAX) {
                break;
            }
            tasks.put(task.key().toString(), describe(task));
        }
        return tasks;
    }

    /// @param withTypes which takes a look at every task
    private static Map<String, Object> groups(SchedulerState state, boolean withTypes) {
        Map<String, Set<String>> types = new HashMap<>();
        for (TaskState task : withTypes ? state.tasks() : List.<TaskState>of()) {
            if (task.typeName() != null) {
                types.computeIfAbsent(task.group(), group -> new TreeSet<>()).add(task.typeName());
            }
        }
        Map<String, Object> groups = new LinkedHashMap<>();
        for (TaskGroup group : state.groups()) {
            Map<String, @Nullable Object> described = SpanDescriptions.group(group);
            described.put("types", types.getOrDefault(group.name(), Set.of()));
            groups.put(group.name(), described);
        }
        return groups;
    }

    private static Map<String, @Nullable Object> describe(TaskState task) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("key", task.key().toString());
        map.put("state", task.status().wireName());
        map.put("prefix", task.prefix());
        map.put("group", task.group());
        Priority priority = task.priority();
        map.put("priority", List.of(priority.user(), priority.generation(), priority.order()));
        map.put("annotations", annotations(task));
        map.put("nbytes", task.sizeBytes());
        map.put("type", task.typeName());
        map.put("who_has", DataOps.holders(task));
        List<String> wanting = new ArrayList<>();
        for (ClientEntry client : task.whoWants()) {
            wanting.add(client.id());
        }
        map.put("who_wants", wanting);
        WorkerEntry worker = task.processingOn();
        map.put("processing_on", worker == null ? null : worker.address());
        map.put("dependencies", keys(task.dependencies()));
        map.put("dependents", keys(task.dependents()));
        map.put("waiting_on", keys(task.waitingOn()));
        map.put("retries", task.retries());
        map.put("suspicious", task.suspicious());
        if (task.status() == TaskStatus.ERRED) {
            map.put("erred_on", task.erredOn());
            TaskState blame = task.blame();
            map.put("exception_blame", blame == null ? null : blame.key().toString());
            if (blame != null && blame.failure() instanceof Failure.Raised raised) {
                map.put("exception_text", raised.exceptionText());
                map.put("traceback_text", raised.tracebackText());
            }
        }
        return map;
    }

    /// As far as they can be read here.
    private static Map<Object, @Nullable Object> annotations(TaskState task) {
        Map<Object, @Nullable Object> annotations = new LinkedHashMap<>();
        if (task.annotations() instanceof Payload payload
                && PickleReader.plain(payload).orElse(null) instanceof Map<?, ?> plain) {
            annotations.putAll(plain);
        }
        SpanPath span = task.spanAnnotation();
        if (span != null) {
            annotations.put("span", Map.of("name", span.name(), "ids", span.ids()));
        } else {
            annotations.remove("span");
        }
        return annotations;
    }

    private static Map<String, @Nullable Object> describe(
            WorkerEntry worker, @Nullable WorkerInfo info, Set<String> excluded) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("address", worker.address());
        if (info != null) {
            map.putAll(info.identity(true));
        }
        map.put("nthreads", worker.nthreads());
        map.put("status", worker.status().wireName());
        map.put("nbytes", worker.storedBytes());
        map.put("occupancy", worker.occupancySeconds());
        if (!excluded.contains("task_prefix_count")) {
            Map<String, Integer> prefixes = new LinkedHashMap<>();
            for (TaskState task : worker.processing()) {
                prefixes.merge(task.prefix(), 1, Integer::sum);
            }
            map.put("task_prefix_count", prefixes);
        }
        if (!excluded.contains("processing")) {
            map.put("processing", keys(worker.processing()));
        }
        if (!excluded.contains("has_what")) {
            map.put("has_what", keys(worker.hasWhat()));
        }
        return map;
    }

    private static List<String> keys(Collection<TaskState> tasks) {
        List<String> keys = new ArrayList<>(tasks.size());
        for (TaskState task : tasks) {
            keys.add(task.key().toString());
        }
        return keys;
    }
}
