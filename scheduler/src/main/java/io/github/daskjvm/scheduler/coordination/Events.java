package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `distributed.Event`: flags by name that calls wait for. A flag that is not set and that nobody waits for is not
/// kept.
final class Events {
    private static final int EVENTS_MAX = 100_000;

    private static final class Flag {
        boolean set;
        final Set<Waiter<Boolean>> waiting = new LinkedHashSet<>();
    }

    private final Map<TaskKey, Flag> flags = new HashMap<>();

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("event_wait", this::await);
        handlers.put("event_set", this::set);
        handlers.put("event_clear", this::clear);
        handlers.put("event_is_set", this::isSet);
    }

    private synchronized Flag flag(TaskKey name) throws RpcFailure {
        Flag flag = flags.get(name);
        if (flag == null) {
            if (flags.size() >= EVENTS_MAX) {
                throw RpcFailure.valueError("there are " + EVENTS_MAX + " events already");
            }
            flag = new Flag();
            flags.put(name, flag);
        }
        return flag;
    }

    private boolean await(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        TaskKey name = Wire.key(request, "name");
        Deadline deadline = Deadline.of(request);
        var waiter = new Waiter<Boolean>();
        synchronized (this) {
            Flag flag = flags.get(name);
            if (flag != null && flag.set) {
                return true;
            }
            if (deadline.hasPassed()) {
                return false;
            }
            flag(name).waiting.add(waiter);
        }
        try {
            return waiter.await(deadline, connection) != null;
        } finally {
            leave(name, waiter);
        }
    }

    private synchronized void leave(TaskKey name, Waiter<Boolean> waiter) {
        Flag flag = flags.get(name);
        if (flag != null) {
            flag.waiting.remove(waiter);
            dropUnused(name, flag);
        }
    }

    private void dropUnused(TaskKey name, Flag flag) {
        if (!flag.set && flag.waiting.isEmpty()) {
            flags.remove(name);
        }
    }

    private synchronized @Nullable Object set(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        Flag flag = flag(Wire.key(request, "name"));
        flag.set = true;
        flag.waiting.forEach(waiter -> waiter.give(true));
        flag.waiting.clear();
        return null;
    }

    private synchronized @Nullable Object clear(Fields request, Connection connection) throws BadMessageException {
        TaskKey name = Wire.key(request, "name");
        Flag flag = flags.get(name);
        if (flag != null) {
            flag.set = false;
            dropUnused(name, flag);
        }
        return null;
    }

    private synchronized boolean isSet(Fields request, Connection connection) throws BadMessageException {
        Flag flag = flags.get(Wire.key(request, "name"));
        return flag != null && flag.set;
    }
}
