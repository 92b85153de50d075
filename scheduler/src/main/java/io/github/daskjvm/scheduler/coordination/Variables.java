package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `distributed.Variable`: a future or small data under a name. The task of a future that was replaced stays until
/// every
/// client that got the future has confirmed that it wants the task itself, or has gone.
final class Variables {
    private static final int VARIABLES_MAX = 100_000;
    private static final int TOKENS_MAX = 1_000_000;

    /// @param key null for data
    private record Value(@Nullable TaskKey key, @Nullable Object data) {}

    /// Futures that are on their way to clients.
    private record Way(TaskKey name, TaskKey key) {}

    private final HeldKeys held;
    private final ClientConnections clients;
    private final Map<TaskKey, Value> values = new HashMap<>();
    private final Map<TaskKey, Set<Waiter<Value>>> waiting = new HashMap<>();
    /// Token to client, of each way.
    private final Map<Way, Map<String, String>> ways = new HashMap<>();
    /// How many calls are setting a variable to a future.
    private final Map<Way, Integer> coming = new HashMap<>();
    private int tokens;
    private long tokensGiven;

    Variables(HeldKeys held, ClientConnections clients) {
        this.held = held;
        this.clients = clients;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("variable_set", this::set);
        handlers.put("variable_get", this::get);
        clients.extend("variable-future-received-confirm", this::received);
        clients.extend("variable_delete", this::delete);
        clients.onLeave(this::left);
    }

    private static String holder(TaskKey name) {
        return "variable-" + name;
    }

    // ---- setting ----

    private @Nullable Object set(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        TaskKey name = Wire.key(request, "name");
        TaskKey key = Wire.keyOrNull(request, "key");
        if (key == null) {
            set(name, new Value(null, request.get("data")));
            return null;
        }
        Deadline deadline = Deadline.of(request);
        var way = new Way(name, key);
        synchronized (this) {
            coming.merge(way, 1, Integer::sum);
        }
        boolean done = false;
        try {
            held.hold(holder(name), key, deadline, connection);
            set(name, new Value(key, null));
            done = true;
        } finally {
            came(way, done);
        }
        return null;
    }

    private synchronized void came(Way way, boolean done) {
        coming.computeIfPresent(way, (w, count) -> count == 1 ? null : count - 1);
        if (!done) {
            letGoUnused(way);
        }
    }

    private synchronized void set(TaskKey name, Value value) throws RpcFailure {
        Value old = values.get(name);
        if (old == null && values.size() >= VARIABLES_MAX) {
            throw RpcFailure.valueError("there are " + VARIABLES_MAX + " variables already");
        }
        values.put(name, value);
        if (old != null && old.key != null) {
            letGoUnused(new Way(name, old.key));
        }
        Set<Waiter<Value>> calls = waiting.remove(name);
        if (calls != null) {
            calls.forEach(call -> call.give(value));
        }
    }

    /// Lets go of a task that is not the value, is not becoming it, and is not on its way to anyone.
    private void letGoUnused(Way way) {
        Value value = values.get(way.name);
        boolean current = value != null && way.key.equals(value.key);
        if (!current && !coming.containsKey(way) && !ways.containsKey(way)) {
            held.letGo(holder(way.name), List.of(way.key));
        }
    }

    // ---- getting ----

    private Object get(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        TaskKey name = Wire.key(request, "name");
        String client = request.get("client") instanceof String given ? given : "";
        Deadline deadline = Deadline.of(request);
        Map<String, @Nullable Object> record = record(name, client);
        while (record == null) {
            await(name, deadline, connection);
            record = record(name, client);
        }
        return record;
    }

    private void await(TaskKey name, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        var waiter = new Waiter<Value>();
        synchronized (this) {
            if (values.containsKey(name)) {
                return;
            }
            waiting.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(waiter);
        }
        try {
            if (waiter.await(deadline, connection) == null) {
                throw Waiter.timeout("");
            }
        } finally {
            leave(name, waiter);
        }
    }

    private synchronized void leave(TaskKey name, Waiter<Value> waiter) {
        Set<Waiter<Value>> calls = waiting.get(name);
        if (calls != null && calls.remove(waiter) && calls.isEmpty()) {
            waiting.remove(name);
        }
    }

    /// Null if the variable has no value.
    private @Nullable Map<String, @Nullable Object> record(TaskKey name, String client) throws RpcFailure {
        Value value;
        String token = null;
        synchronized (this) {
            value = values.get(name);
            if (value == null) {
                return null;
            }
            if (value.key != null) {
                if (tokens >= TOKENS_MAX) {
                    throw RpcFailure.valueError(TOKENS_MAX + " futures of variables are on their way already");
                }
                tokens++;
                token = "token-" + ++tokensGiven;
                ways.computeIfAbsent(new Way(name, value.key), w -> new HashMap<>())
                        .put(token, client);
            }
        }
        if (value.key != null) {
            Map<String, @Nullable Object> record = held.record(value.key);
            record.put("token", token);
            return record;
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("type", "msgpack");
        record.put("value", value.data);
        return record;
    }

    // ---- streams of clients ----

    private synchronized void received(String client, Fields message) throws BadMessageException {
        TaskKey key = Wire.key(message, "key");
        held.wants(client, key);
        arrived(new Way(Wire.key(message, "name"), key), Set.of(message.string("token")));
    }

    private synchronized void left(String client) {
        Map<Way, Set<String>> lost = new LinkedHashMap<>();
        ways.forEach((way, open) -> open.forEach((token, to) -> {
            if (to.equals(client)) {
                lost.computeIfAbsent(way, w -> new LinkedHashSet<>()).add(token);
            }
        }));
        lost.forEach(this::arrived);
    }

    private void arrived(Way way, Set<String> arrived) {
        Map<String, String> open = ways.get(way);
        if (open == null) {
            return;
        }
        int before = open.size();
        open.keySet().removeAll(arrived);
        tokens -= before - open.size();
        if (open.isEmpty()) {
            ways.remove(way);
            letGoUnused(way);
        }
    }

    private synchronized void delete(String client, Fields message) throws BadMessageException {
        TaskKey name = Wire.key(message, "name");
        Value old = values.remove(name);
        if (old != null && old.key != null) {
            letGoUnused(new Way(name, old.key));
        }
    }
}
