package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.WorkerAddress;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests that go on to workers or their nannies, whose replies come back unopened.
final class BroadcastOps {
    private static final Logger log = LoggerFactory.getLogger(BroadcastOps.class);
    /// What only Python workers do; left out for others unless they are named.
    private static final Set<String> FOR_PYTHON =
            Set.of("run", "run_coroutine", "plugin-add", "plugin-remove", "upload_file");

    private final Cluster cluster;

    BroadcastOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("broadcast", this::broadcast);
        handlers.put("proxy", this::proxy);
        handlers.put("call_stack", this::callStack);
        handlers.put("worker_logs", this::workerLogs);
        handlers.put("get_worker_monitor_info", this::monitorInfo);
    }

    private Object broadcast(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        Fields message = Fields.of(request.get("msg"));
        Map<String, String> addresses = addresses(request, message.op());
        Object serializers = request.get("serializers");
        if (addresses.isEmpty() && isForNobody(request, message.op())) {
            throw RpcFailure.python(
                    "builtins",
                    "RuntimeError",
                    "op " + message.op() + ": there is no Python worker to run the function; the cluster's workers run"
                            + " Java tasks");
        }
        return request.get("workers") == null
                ? broadcastToAll(message.map(), addresses, serializers, onError(request))
                : broadcast(message.map(), addresses, serializers, onError(request));
    }

    /// A function for all Python workers where there are others only: no answer would look like success.
    private boolean isForNobody(Fields request, String op) {
        return (op.equals("run") || op.equals("run_coroutine"))
                && request.get("workers") == null
                && request.get("hosts") == null
                && !cluster.workers().all().isEmpty();
    }

    private static String onError(Fields request) throws BadMessageException, RpcFailure {
        String onError = request.get("on_error") == null ? "raise" : request.string("on_error");
        if (!Set.of("raise", "return", "return_pickle", "ignore").contains(onError)) {
            throw RpcFailure.valueError(
                    "on_error must be 'raise', 'return', 'return_pickle', or 'ignore'; got '" + onError + "'");
        }
        return onError;
    }

    /// Where to call, the worker itself or its nanny, by the worker's address, as the caller wrote it if it did.
    private Map<String, String> addresses(Fields request, String op) throws BadMessageException, RpcFailure {
        boolean nanny = request.bool("nanny", false);
        var workers = new ArrayList<WorkerInfo>();
        Map<String, String> addresses = new LinkedHashMap<>();
        List<String> hosts = Wire.textsOrNull(request, "hosts");
        if (request.get("workers") != null) {
            for (Object given : request.list("workers")) {
                WorkerInfo worker = given == null ? null : cluster.workers().find(given);
                if (worker == null) {
                    addresses.put(String.valueOf(given), String.valueOf(given));
                } else if (given instanceof String text && WorkerAddress.of(text) != null) {
                    put(addresses, text, worker, nanny);
                } else {
                    workers.add(worker);
                }
            }
        } else if (hosts == null) {
            for (WorkerInfo worker : cluster.workers().all()) {
                if (worker.runtime() == Runtime.PYTHON || !FOR_PYTHON.contains(op)) {
                    workers.add(worker);
                }
            }
        }
        if (hosts != null) {
            hosts.forEach(host -> workers.addAll(cluster.workers().on(host)));
        }
        for (WorkerInfo worker : workers) {
            put(addresses, worker.address(), worker, nanny);
        }
        return addresses;
    }

    private static void put(Map<String, String> addresses, String name, WorkerInfo worker, boolean nanny) {
        String address = nanny ? worker.nanny() : worker.address();
        if (address != null) {
            addresses.put(name, address);
        }
    }

    /// @param addresses where to call, by the address under which the reply is given
    Map<String, @Nullable Object> broadcast(
            Map<?, ?> message, Map<String, String> addresses, @Nullable Object serializers, String onError)
            throws RpcFailure {
        return broadcast(message, addresses, serializers, onError, worker -> false);
    }

    /// As [#broadcast(Map, Map, Object, String)], for callers that named no workers: they do not mean those that have
    /// said that they close, which are left out if they cannot be called any more.
    Map<String, @Nullable Object> broadcastToAll(
            Map<?, ?> message, Map<String, String> addresses, @Nullable Object serializers, String onError)
            throws RpcFailure {
        Map<String, WorkerInfo> workers = new HashMap<>();
        for (String address : addresses.keySet()) {
            WorkerInfo worker = cluster.workers().get(address);
            if (worker != null) {
                workers.put(address, worker);
            }
        }
        return broadcast(message, addresses, serializers, onError, address -> isLeaving(workers.get(address)));
    }

    /// Whether the worker has said that it closes; it may have since the call was made. What one says that has not
    /// joined yet is not read yet.
    private boolean isLeaving(@Nullable WorkerInfo worker) {
        if (worker == null) {
            return false;
        }
        cluster.loop().await();
        Workers workers = cluster.workers();
        boolean joins = workers.get(worker.address()) == worker && !workers.hasJoined(worker.address());
        return joins || worker.status() == WorkerStatus.CLOSING || worker.status() == WorkerStatus.CLOSED;
    }

    private Map<String, @Nullable Object> broadcast(
            Map<?, ?> message,
            Map<String, String> addresses,
            @Nullable Object serializers,
            String onError,
            Predicate<String> isLeaving)
            throws RpcFailure {
        Map<String, @Nullable Object> call = LinkedHashMap.newLinkedHashMap(message.size() + 1);
        message.forEach((name, value) -> call.put(String.valueOf(name), value));
        if (serializers != null) {
            call.put("serializers", serializers);
        }
        var outcomes = cluster.calls().all(addresses.values(), address -> call, Duration.ZERO);
        Map<String, @Nullable Object> replies = LinkedHashMap.newLinkedHashMap(addresses.size());
        for (var entry : addresses.entrySet()) {
            WorkerCalls.Outcome outcome = outcomes.get(entry.getValue());
            if (outcome == null) {
                continue;
            }
            Exception failure = outcome.failure();
            if (failure == null) {
                replies.put(entry.getKey(), outcome.reply());
                continue;
            }
            if (!(failure instanceof RpcFailure) && isLeaving.test(entry.getKey())) {
                continue;
            }
            log.warn("broadcast of {} to {} failed: {}", message.get("op"), entry.getValue(), failure.getMessage());
            switch (onError) {
                case "raise" -> throw raised(failure);
                case "ignore" -> {
                    // Left out.
                }
                case "return" -> replies.put(entry.getKey(), Payload.pickled(pickled(failure)));
                default -> replies.put(entry.getKey(), pickled(failure));
            }
        }
        return replies;
    }

    private static RpcFailure raised(Exception failure) {
        return switch (failure) {
            case RpcFailure remote -> remote;
            case EOFException closed -> commClosed(closed);
            case ConnectException unreachable -> unreachable(unreachable);
            case SocketException closed -> commClosed(closed);
            default -> unreachable(failure);
        };
    }

    private static RpcFailure commClosed(Exception failure) {
        return RpcFailure.python("distributed.comm.core", "CommClosedError", String.valueOf(failure.getMessage()));
    }

    private static RpcFailure unreachable(Exception failure) {
        return RpcFailure.python("builtins", "OSError", String.valueOf(failure.getMessage()));
    }

    private static byte[] pickled(Exception failure) {
        RpcFailure told = raised(failure);
        byte[] bytes = Opaque.bytes(told.pickledException());
        return bytes != null ? bytes : Pickle.exception("builtins", "RuntimeError", String.valueOf(told.getMessage()));
    }

    private @Nullable Object proxy(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        Fields message = Fields.of(request.get("msg"));
        String worker = String.valueOf(request.required("worker"));
        WorkerInfo info = cluster.workers().find(worker);
        String address = info == null ? worker : info.address();
        return broadcast(message.map(), Map.of(address, address), request.get("serializers"), "raise")
                .get(address);
    }

    private Object callStack(Fields request, Connection connection) throws BadMessageException {
        List<TaskKey> keys = Wire.keysOrNull(request, "keys");
        Map<String, @Nullable Object> asked = new LinkedHashMap<>();
        if (keys == null) {
            for (WorkerInfo worker : cluster.workers().all()) {
                asked.put(worker.address(), null);
            }
        } else {
            asked.putAll(cluster.loop().query(state -> {
                Map<String, List<Object>> running = new LinkedHashMap<>();
                Deque<TaskState> stack = new ArrayDeque<>();
                Set<TaskState> seen = new HashSet<>();
                for (TaskKey key : keys) {
                    TaskState task = state.task(key);
                    if (task != null) {
                        stack.push(task);
                    }
                }
                while (!stack.isEmpty()) {
                    TaskState task = stack.pop();
                    WorkerEntry worker = task.processingOn();
                    if (!seen.add(task)) {
                        continue;
                    }
                    if (task.status() == TaskStatus.WAITING) {
                        stack.addAll(task.dependencies());
                    } else if (worker != null) {
                        running.computeIfAbsent(worker.address(), w -> new ArrayList<>())
                                .add(task.key().value());
                    }
                }
                return running;
            }));
        }
        var outcomes = cluster.calls()
                .all(asked.keySet(), worker -> call("call_stack", "keys", asked.get(worker)), Duration.ZERO);
        Map<String, Object> stacks = new LinkedHashMap<>();
        outcomes.forEach((worker, outcome) -> {
            if (outcome.reply() instanceof Map<?, ?> map && !map.isEmpty()) {
                stacks.put(worker, map);
            }
        });
        return stacks;
    }

    private static Map<String, @Nullable Object> call(String op, String name, @Nullable Object value) {
        Map<String, @Nullable Object> call = new LinkedHashMap<>();
        call.put("op", op);
        call.put(name, value);
        return call;
    }

    private Object workerLogs(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        return broadcast(call("get_logs", "n", request.get("n")), addresses(request, "get_logs"), null, "raise");
    }

    private Object monitorInfo(Fields request, Connection connection) throws BadMessageException {
        Map<?, ?> starts = request.mappingOrEmpty("starts");
        Map<String, @Nullable Object> info = new LinkedHashMap<>();
        List<String> addresses = new ArrayList<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            addresses.add(worker.address());
        }
        Object recent = request.bool("recent", false);
        cluster.calls()
                .all(
                        addresses,
                        worker -> Map.of(
                                "op",
                                "get_monitor_info",
                                "recent",
                                recent,
                                "start",
                                starts.get(worker) instanceof Long start ? start : 0L),
                        Duration.ofSeconds(30))
                .forEach((worker, outcome) -> {
                    if (outcome.failure() == null) {
                        info.put(worker, outcome.reply());
                    }
                });
        return info;
    }
}
