package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `distributed.MultiLock`: several locks at once, or so many of several. Each lock has a line of those who asked for
/// it, and belongs to the first. Who has as many as it asked for leaves the other lines.
final class MultiLocks {
    private static final int LOCKS_MAX = 100_000;

    private static final class Request {
        final String id;
        final Waiter<Boolean> waiter = new Waiter<>();
        /// The locks in whose lines it stands.
        final Set<String> locks = new LinkedHashSet<>();
        int missing;

        Request(String id, int missing) {
            this.id = id;
            this.missing = missing;
        }
    }

    private final Map<String, Request> requests = new HashMap<>();
    private final Map<String, LinkedHashSet<Request>> lines = new LinkedHashMap<>();

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("multi_lock_acquire", this::acquire);
        handlers.put("multi_lock_release", this::release);
    }

    private boolean acquire(Fields message, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        Set<String> locks = new LinkedHashSet<>(Wire.texts(message.list("locks"), message, "locks"));
        long needed = message.integer("num_locks", locks.size());
        if (needed < 1 || needed > locks.size()) {
            throw message.wrong("num_locks", "between 1 and the number of locks, " + locks.size());
        }
        Deadline deadline = Deadline.of(message);
        var request = new Request(message.string("id"), (int) needed);
        synchronized (this) {
            if (requests.containsKey(request.id)) {
                throw RpcFailure.valueError("MultiLock " + request.id + " is being acquired already");
            }
            if (lines.size() + locks.size() > LOCKS_MAX) {
                throw RpcFailure.valueError("there are " + LOCKS_MAX + " locks already");
            }
            requests.put(request.id, request);
            if (stand(request, locks)) {
                request.waiter.give(true);
            }
        }
        boolean gone = true;
        try {
            waitFor(request, deadline, connection);
            gone = false;
        } finally {
            gone |= leave(request, gone);
        }
        return !gone;
    }

    private static void waitFor(Request request, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        Boolean given = request.waiter.await(deadline, connection);
        assert given == null || given;
    }

    /// Joins the lines, the shortest first; true if that was enough.
    private boolean stand(Request request, Set<String> locks) {
        List<String> shortestFirst = new ArrayList<>(locks);
        shortestFirst.sort(Comparator.comparingInt(lock -> line(lock).size()));
        for (String lock : shortestFirst) {
            LinkedHashSet<Request> line = lines.computeIfAbsent(lock, l -> new LinkedHashSet<>());
            line.add(request);
            request.locks.add(lock);
            if (line.size() == 1 && --request.missing == 0) {
                return true;
            }
        }
        return false;
    }

    private Set<Request> line(String lock) {
        LinkedHashSet<Request> line = lines.get(lock);
        return line == null ? Set.of() : line;
    }

    /// @return whether the request is over: its time was up, or nobody is there to have what it got
    private synchronized boolean leave(Request request, boolean gone) {
        boolean over = gone || request.missing > 0;
        if (over && requests.remove(request.id, request)) {
            free(request);
        }
        return over;
    }

    private void free(Request request) {
        Set<Request> ready = new LinkedHashSet<>();
        for (String lock : request.locks) {
            LinkedHashSet<Request> line = lines.get(lock);
            if (line == null) {
                continue;
            }
            boolean held = line.getFirst() == request;
            line.remove(request);
            if (line.isEmpty()) {
                lines.remove(lock);
            } else if (held) {
                Request next = line.getFirst();
                if (next.missing > 0 && --next.missing == 0) {
                    ready.add(next);
                }
            }
        }
        request.locks.clear();
        for (Request next : ready) {
            next.locks.removeIf(
                    lock -> line(lock).iterator().next() != next && line(lock).remove(next));
            next.waiter.give(true);
        }
    }

    private synchronized @Nullable Object release(Fields message, Connection connection)
            throws BadMessageException, RpcFailure {
        String id = message.string("id");
        Request request = requests.remove(id);
        if (request == null) {
            throw new RpcFailure("KeyError: " + id, Pickle.exception("builtins", "KeyError", id), null);
        }
        if (request.missing > 0) {
            request.waiter.fail(RpcFailure.python("builtins", "RuntimeError", "MultiLock " + id + " was released"));
        }
        free(request);
        return null;
    }
}
