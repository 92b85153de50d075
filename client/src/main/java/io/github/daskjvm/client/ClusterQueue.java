package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Dask's `Queue`: first in, first out, under a name, for all clients and tasks of a cluster, in Java and Python.
///
/// An item is a [Future], whose task then stays wanted while it is in the queue, or data that goes through the
/// scheduler: null, booleans, numbers, text, `byte[]`, lists, sets and maps of these. Anything else is refused with
/// its type; scatter it, and put the future. Whole numbers come out as `Long`, others as `Double`, lists as `List`.
///
/// A call that waits gets its item, or its room, in the order in which it came. All methods throw `IOException` if
/// the scheduler can't be reached, and `NoSuchElementException` if the queue has been deleted. Any number of threads
/// may use it.
///
/// @param <T> the items
public final class ClusterQueue<T extends @Nullable Object> {
    private final Coordination coordination;
    private final String name;
    private final Map<String, String> receipt;

    ClusterQueue(Coordination coordination, String name, int maxSize) throws IOException {
        if (maxSize < 0) {
            throw new IllegalArgumentException("a queue has room for 0 items, which is no limit, or more: " + maxSize);
        }
        this.coordination = coordination;
        this.name = name;
        this.receipt = Map.of("op", "queue-future-release", "name", name);
        coordination.calls().call(Map.of("op", "queue_create", "name", name, "maxsize", maxSize));
    }

    public String name() {
        return name;
    }

    private Map<String, ?> request(String op, Map<String, ?> more) {
        Map<String, @Nullable Object> request = new HashMap<>(more);
        request.put("op", op);
        request.put("name", name);
        return request;
    }

    /// Adds an item at the end, when there is room.
    ///
    /// @throws IllegalArgumentException if it is neither a future nor data that travels
    public void put(T item) throws IOException, InterruptedException {
        try {
            put(item, Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#put(Object)].
    ///
    /// @throws TimeoutException if there is no room in time, or the future's task does not become known
    public void put(T item, Duration timeout) throws IOException, InterruptedException, TimeoutException {
        put(item, Deadline.in(timeout));
    }

    /// As [#put(Object)].
    ///
    /// @return false if there was no room in time
    public boolean offer(T item, Duration timeout) throws IOException, InterruptedException {
        try {
            put(item, Deadline.in(timeout));
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private void put(T item, Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        coordination.calls().await(request("queue_put", coordination.values().entry(item)), deadline);
        java.lang.ref.Reference.reachabilityFence(item);
    }

    /// Waits for the first item, and removes it.
    public T take() throws IOException, InterruptedException {
        try {
            return take(Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#take()].
    ///
    /// @throws TimeoutException if none came in time
    public T take(Duration timeout) throws IOException, InterruptedException, TimeoutException {
        return take(Deadline.in(timeout));
    }

    /// As [#take()].
    ///
    /// @return null if none came in time, or if the item is null; [#take(Duration)] tells these apart
    public @Nullable T poll(Duration timeout) throws IOException, InterruptedException {
        try {
            return take(Deadline.in(timeout));
        } catch (TimeoutException e) {
            return null;
        }
    }

    private T take(Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        Object record = coordination.calls().await(request("queue_get", Map.of("batch", false)), deadline);
        return coordination.values().value(record, receipt);
    }

    /// Removes all items that are there now, without waiting.
    @SuppressWarnings("unchecked")
    public List<T> drain() throws IOException {
        Object records = coordination.calls().call(request("queue_get", Map.of("batch", true)));
        return (List<T>) coordination.values().values(records, receipt);
    }

    /// How many items there are now.
    public int size() throws IOException {
        Object size = coordination.calls().call(request("queue_qsize", Map.of()));
        return size instanceof Number number ? number.intValue() : 0;
    }

    /// Says that this client needs the queue no more, as Dask's `Queue.close` does. It goes, with what is in it,
    /// when all have said so who asked for it.
    public void release() {
        coordination.tell(Map.of("op", "queue_release", "name", name));
    }
}
