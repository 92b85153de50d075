package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.Wire;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Collections that clients leave under a name for others. The data is opaque; the tasks behind it are wanted by a
/// client made up for it, `published-<name>`, as long as it stays. Clients of 2024.12.1 publish one at a time,
/// those of 2026.7.1 several. A publication must not overtake what its client sent on its stream before, so the
/// client sends a mark on the stream, and the operation waits for the mark.
final class PublishedDatasets {
    private static final int DATASETS_MAX = 100_000;
    private static final int MARKS_MAX = 10_000;
    private static final long MARK_TIMEOUT_SECONDS = 30;

    private record Dataset(
            Object name,
            List<TaskKey> keys,
            List<?> wireKeys,
            @Nullable Object data) {
        Map<String, @Nullable Object> wire() {
            Map<String, @Nullable Object> wire = new LinkedHashMap<>();
            wire.put("data", data);
            wire.put("keys", wireKeys);
            return wire;
        }

        String holder() {
            return "published-" + name;
        }
    }

    private final EventLoop loop;
    private final ClientConnections clients;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition marked = lock.newCondition();
    private final Map<TaskKey, Dataset> datasets = new LinkedHashMap<>();
    private final Set<Object> marks = new LinkedHashSet<>();

    PublishedDatasets(EventLoop loop, ClientConnections clients) {
        this.loop = loop;
        this.clients = clients;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("publish_put", this::put);
        handlers.put("publish_get", this::get);
        handlers.put("publish_delete", this::delete);
        handlers.put("publish_list", this::list);
        handlers.put("publish_wait_flush", (request, connection) -> {
            awaitMark(request.get("uid"), null);
            return null;
        });
        clients.extend("publish_flush_batched_send", (client, message) -> mark(message.get("uid")));
    }

    private static Object markOf(@Nullable Object uid) {
        return uid instanceof byte[] bytes ? List.of(HexFormat.of().formatHex(bytes)) : String.valueOf(uid);
    }

    private void mark(@Nullable Object uid) {
        lock.lock();
        try {
            marks.add(markOf(uid));
            if (marks.size() > MARKS_MAX) {
                marks.remove(marks.iterator().next());
            }
            marked.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the mark, as long as the client that is to send it is there.
    private void awaitMark(@Nullable Object uid, @Nullable String client) throws RpcFailure, InterruptedException {
        Object mark = markOf(uid);
        lock.lock();
        try {
            while (!marks.contains(mark)) {
                boolean came = marked.await(MARK_TIMEOUT_SECONDS, TimeUnit.SECONDS);
                boolean gone = client != null && !clients.ids().contains(client);
                if (!came && (gone || client == null)) {
                    throw RpcFailure.python(
                            "builtins",
                            "RuntimeError",
                            "the publication did not hear from its client's stream within " + MARK_TIMEOUT_SECONDS
                                    + " s");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object put(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        boolean override = request.bool("override", false);
        if (!request.has("names")) {
            Object name = request.required("name");
            put(request, name, request.get("keys"), request.get("data"), override);
            return Map.of("status", "OK", "name", name);
        }
        awaitMark(request.get("uid"), request.stringOrNull("client"));
        List<?> names = List.copyOf(request.list("names"));
        List<?> keys = List.copyOf(request.list("keys"));
        List<?> data = new ArrayList<>(request.list("data"));
        if (keys.size() != names.size() || data.size() != names.size()) {
            throw request.wrong("names", "as many as keys and data");
        }
        for (int i = 0; i < names.size(); i++) {
            put(request, names.get(i), keys.get(i), data.get(i), override);
        }
        return null;
    }

    private void put(Fields request, Object name, @Nullable Object keys, @Nullable Object data, boolean override)
            throws BadMessageException, RpcFailure {
        List<?> wireKeys = keys instanceof Collection<?> several ? List.copyOf(several) : List.of();
        var dataset = new Dataset(name, Wire.keys(wireKeys, request, "keys"), wireKeys, data);
        lock.lock();
        try {
            TaskKey id = Wire.key(name, request, "name");
            Dataset old = datasets.get(id);
            if (old != null && !override) {
                String text = "Dataset " + name + " already exists";
                throw new RpcFailure("KeyError: " + text, Pickle.exception("builtins", "KeyError", text), null);
            }
            if (old == null && datasets.size() >= DATASETS_MAX) {
                throw RpcFailure.valueError("there are " + DATASETS_MAX + " published datasets already");
            }
            loop.post(new Event.ClientDesiresKeys(dataset.holder(), dataset.keys));
            if (old != null) {
                var dropped = new ArrayList<>(old.keys);
                dropped.removeAll(Set.copyOf(dataset.keys));
                loop.post(new Event.ClientReleasesKeys(old.holder(), dropped, "publish-override"));
            }
            datasets.put(id, dataset);
        } finally {
            lock.unlock();
        }
    }

    private Object get(Fields request, Connection connection) throws BadMessageException {
        List<?> names = request.has("names") ? List.copyOf(request.list("names")) : List.of(request.required("name"));
        var found = new ArrayList<@Nullable Object>();
        lock.lock();
        try {
            for (Object name : names) {
                Dataset dataset = datasets.get(Wire.key(name, request, "name"));
                found.add(dataset == null ? null : dataset.wire());
            }
        } finally {
            lock.unlock();
        }
        return request.has("names") ? found : found.getFirst();
    }

    private @Nullable Object delete(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        List<?> names = request.has("names") ? List.copyOf(request.list("names")) : List.of(request.required("name"));
        if (request.has("uid")) {
            awaitMark(request.get("uid"), request.stringOrNull("client"));
        }
        lock.lock();
        try {
            for (Object name : names) {
                Dataset dataset = datasets.remove(Wire.key(name, request, "name"));
                if (dataset != null) {
                    loop.post(new Event.ClientReleasesKeys(dataset.holder(), dataset.keys, "publish-delete"));
                }
            }
        } finally {
            lock.unlock();
        }
        return null;
    }

    private Object list(Fields request, Connection connection) {
        lock.lock();
        try {
            var names = new ArrayList<Object>();
            for (Dataset dataset : datasets.values()) {
                names.add(dataset.name);
            }
            names.sort(Comparator.comparing(String::valueOf));
            return names;
        } finally {
            lock.unlock();
        }
    }
}
