package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.loop.SchedulerExceptions;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// `distributed.Queue`: futures and small data, first in, first out, for many clients. A queue is there as long as
/// somebody who created it has not released it; who created it and went without a word counts on, as in Dask. Calls
/// that wait for an item, or for room, get theirs in the order in which they came.
final class Queues {
    private static final int QUEUES_MAX = 100_000;
    private static final int ITEMS_MAX = 10_000_000;
    private static final long CREATION_NANOS = 500_000_000;

    /// @param key null for data
    /// @param data opaque; null for a future
    private record Item(@Nullable TaskKey key, @Nullable Object data) {}

    private static final class Queue {
        final TaskKey name;
        /// Zero for no limit of its own.
        final long itemsMax;
        long users;
        final Deque<Item> items = new ArrayDeque<>();
        final Set<Waiter<Item>> getting = new LinkedHashSet<>();
        final Map<Waiter<Boolean>, Item> putting = new LinkedHashMap<>();
        /// How often each future is in the queue, or on its way to who got it.
        final Map<TaskKey, Integer> futures = new HashMap<>();

        Queue(TaskKey name, long itemsMax) {
            this.name = name;
            this.itemsMax = itemsMax;
        }

        String holder() {
            return "queue-" + name;
        }

        /// To one that waits, or to the end; false if there is no room.
        boolean put(Item item) {
            Waiter<Item> first = firstThatGets();
            if (first != null) {
                getting.remove(first);
                first.give(item);
                return true;
            }
            if (itemsMax > 0 && items.size() >= itemsMax) {
                return false;
            }
            items.add(item);
            return true;
        }

        /// The first item, in whose place the first that waits for room comes; null if there is none.
        @Nullable
        Item get() {
            Item item = items.poll();
            if (item != null && !putting.isEmpty()) {
                var line = putting.entrySet().iterator();
                Map.Entry<Waiter<Boolean>, Item> next = line.next();
                items.add(next.getValue());
                next.getKey().give(true);
                line.remove();
            }
            return item;
        }

        /// An item that was given to somebody who has gone is the first again.
        void putBack(Item item) {
            Waiter<Item> first = firstThatGets();
            if (first == null) {
                items.addFirst(item);
            } else {
                getting.remove(first);
                first.give(item);
            }
        }

        private @Nullable Waiter<Item> firstThatGets() {
            return getting.isEmpty() ? null : getting.iterator().next();
        }
    }

    private final HeldKeys held;
    private final ClientConnections clients;
    private final Map<TaskKey, Queue> queues = new HashMap<>();

    Queues(HeldKeys held, ClientConnections clients) {
        this.held = held;
        this.clients = clients;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("queue_create", this::create);
        handlers.put("queue_put", this::put);
        handlers.put("queue_get", this::get);
        handlers.put("queue_qsize", this::size);
        clients.extend("queue-future-release", this::received);
        clients.extend("queue_release", this::release);
    }

    private synchronized @Nullable Object create(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        TaskKey name = Wire.key(request, "name");
        Queue queue = queues.get(name);
        if (queue == null) {
            if (queues.size() >= QUEUES_MAX) {
                throw RpcFailure.valueError("there are " + QUEUES_MAX + " queues already");
            }
            queue = new Queue(name, request.integer("maxsize", 0));
            queues.put(name, queue);
            notifyAll();
        }
        queue.users++;
        return null;
    }

    /// A client may create a queue by one connection while it uses it by another already, so an unknown one is waited
    /// for a moment.
    private synchronized Queue queue(TaskKey name) throws RpcFailure, InterruptedException {
        long deadline = System.nanoTime() + CREATION_NANOS;
        Queue queue = queues.get(name);
        while (queue == null) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw unknown(name);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
            queue = queues.get(name);
        }
        return queue;
    }

    private static RpcFailure unknown(TaskKey name) {
        return new RpcFailure(
                "KeyError: " + name,
                Pickle.exception("builtins", "KeyError", SchedulerExceptions.pickledKey(name)),
                null);
    }

    // ---- putting ----

    private @Nullable Object put(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        TaskKey key = Wire.keyOrNull(request, "key");
        Deadline deadline = Deadline.of(request);
        if (key != null) {
            held.awaitKnown(key, deadline, connection);
        }
        Queue queue = queue(Wire.key(request, "name"));
        var item = new Item(key, key == null ? request.get("data") : null);
        if (key != null) {
            hold(queue, key, item, deadline, connection);
        }
        var waiter = new Waiter<Boolean>();
        synchronized (this) {
            if (queues.get(queue.name) != queue) {
                drop(queue, item);
                throw unknown(queue.name);
            }
            if (queue.items.size() >= ITEMS_MAX) {
                drop(queue, item);
                throw RpcFailure.valueError("the queue " + queue.name + " has " + ITEMS_MAX + " items already");
            }
            if (queue.put(item)) {
                return null;
            }
            queue.putting.put(waiter, item);
        }
        boolean came = true;
        try {
            waiter.await(deadline, connection);
        } finally {
            came = !leave(queue, waiter, item);
        }
        if (!came) {
            throw Waiter.timeout("");
        }
        return null;
    }

    private void hold(Queue queue, TaskKey key, Item item, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        // Counted first, so that nobody who takes out the same future lets go of its task meanwhile.
        synchronized (this) {
            queue.futures.merge(key, 1, Integer::sum);
        }
        boolean holds = false;
        try {
            held.hold(queue.holder(), key, deadline, connection);
            holds = true;
        } finally {
            if (!holds) {
                synchronized (this) {
                    drop(queue, item);
                }
            }
        }
    }

    /// @return whether the call still waited for room, which it does no more
    private synchronized boolean leave(Queue queue, Waiter<Boolean> waiter, Item item) {
        boolean waited = queue.putting.remove(waiter) != null;
        if (waited) {
            drop(queue, item);
        }
        return waited;
    }

    /// A future less is in the queue.
    private void drop(Queue queue, Item item) {
        if (item.key != null) {
            drop(queue, item.key);
        }
    }

    private void drop(Queue queue, TaskKey key) {
        Integer left = queue.futures.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
        if (left == null) {
            held.letGo(queue.holder(), List.of(key));
        }
    }

    // ---- getting ----

    private Object get(Fields request, Connection connection)
            throws BadMessageException, EOFException, RpcFailure, InterruptedException {
        Queue queue = queue(Wire.key(request, "name"));
        return switch (request.get("batch")) {
            case Boolean all when all -> records(all(queue));
            case Long count
            when count > 0 -> {
                if (request.get("timeout") != null) {
                    throw RpcFailure.python(
                            "builtins",
                            "NotImplementedError",
                            "Dask queues don't support simultaneous use of integer batch sizes and timeouts");
                }
                yield records(several(queue, count, Deadline.of(request), connection));
            }
            case Boolean one -> record(next(queue, Deadline.of(request), connection));
            case null -> record(next(queue, Deadline.of(request), connection));
            case Long zero when zero == 0 -> record(next(queue, Deadline.of(request), connection));
            default -> throw request.wrong("batch", "true, false or a number of items");
        };
    }

    private synchronized List<Item> all(Queue queue) {
        int count = queue.items.size();
        var items = new ArrayList<Item>(count);
        for (Item item = queue.get(); item != null; item = items.size() < count ? queue.get() : null) {
            items.add(item);
        }
        return items;
    }

    /// All or, if the caller goes meanwhile, none.
    private List<Item> several(Queue queue, long count, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        var items = new ArrayList<Item>();
        boolean complete = false;
        try {
            while (items.size() < count) {
                items.add(next(queue, deadline, connection));
            }
            complete = true;
            return items;
        } finally {
            if (!complete) {
                synchronized (this) {
                    items.reversed().forEach(item -> putBack(queue, item));
                }
            }
        }
    }

    private Item next(Queue queue, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        var waiter = new Waiter<Item>();
        synchronized (this) {
            Item item = queue.get();
            if (item != null) {
                return item;
            }
            if (queues.get(queue.name) != queue) {
                throw unknown(queue.name);
            }
            queue.getting.add(waiter);
        }
        Item item = null;
        try {
            item = waiter.await(deadline, connection);
        } finally {
            if (item == null) {
                item = leave(queue, waiter, connection);
            }
        }
        if (item == null) {
            throw Waiter.timeout("");
        }
        return item;
    }

    /// What the call was given in the last moment; null if nothing, or if nobody is there to have it.
    private synchronized @Nullable Item leave(Queue queue, Waiter<Item> waiter, Connection connection) {
        if (queue.getting.remove(waiter)) {
            return null;
        }
        Item item = waiter.given();
        if (item != null && connection.peerHasGone()) {
            putBack(queue, item);
            return null;
        }
        return item;
    }

    private void putBack(Queue queue, Item item) {
        if (queues.get(queue.name) == queue) {
            queue.putBack(item);
        } else {
            drop(queue, item);
        }
    }

    private List<Object> records(List<Item> items) {
        var records = new ArrayList<Object>(items.size());
        for (Item item : items) {
            records.add(record(item));
        }
        return records;
    }

    private Map<String, @Nullable Object> record(Item item) {
        if (item.key != null) {
            return held.record(item.key);
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("type", "msgpack");
        record.put("value", item.data);
        return record;
    }

    private int size(Fields request, Connection connection)
            throws BadMessageException, RpcFailure, InterruptedException {
        Queue queue = queue(Wire.key(request, "name"));
        synchronized (this) {
            return queue.items.size();
        }
    }

    // ---- streams of clients ----

    /// The client has the future that it got out of the queue, and wants its task itself from now on.
    private synchronized void received(String client, Fields message) throws BadMessageException {
        TaskKey key = Wire.key(message, "key");
        held.wants(client, key);
        Queue queue = queues.get(Wire.key(message, "name"));
        if (queue != null && queue.futures.containsKey(key)) {
            drop(queue, key);
        } else {
            held.letGo("queue-" + Wire.key(message, "name"), List.of(key));
        }
    }

    private synchronized void release(String client, Fields message) throws BadMessageException {
        TaskKey name = Wire.key(message, "name");
        Queue queue = queues.get(name);
        if (queue == null || --queue.users > 0) {
            return;
        }
        queues.remove(name);
        queue.getting.forEach(waiter -> waiter.fail(unknown(name)));
        queue.getting.clear();
        queue.items.forEach(item -> drop(queue, item));
        queue.items.clear();
        queue.putting.keySet().forEach(waiter -> waiter.fail(unknown(name)));
    }
}
