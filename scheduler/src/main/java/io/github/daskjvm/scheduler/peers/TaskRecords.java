package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The last tasks that finished or failed, for `get_task_stream`. Costs nothing until somebody
/// has asked once, which is also how Python's scheduler does it. Any thread may call.
public final class TaskRecords {
    /// Runs kept, and keys collected under one name, unless another length is set.
    public static final int LENGTH = 100_000;
    private static final int COLLECTORS_MAX = 100;

    /// One finished or failed run.
    ///
    /// @param stop when its last action ended, in the worker's seconds since 1970
    /// @param map as `get_task_stream` gives it
    public record Run(double stop, Map<String, @Nullable Object> map) {}

    private final TaskActions actions = new TaskActions();
    private final Failures failures = new Failures();
    private final int length;
    private final Deque<Run> runs = new ArrayDeque<>();
    private final LinkedHashMap<String, Collected> collectors = new LinkedHashMap<>();
    private volatile boolean active;
    private volatile boolean streaming;
    private long total;

    /// @param length runs to keep, at least one
    public TaskRecords(int length) {
        this.length = Math.max(1, length);
    }

    /// What is kept while somebody watches.
    public TaskActions actions() {
        return actions;
    }

    public Failures failures() {
        return failures;
    }

    public boolean active() {
        return active;
    }

    /// Starts to keep runs, if it has not.
    public synchronized void activate() {
        streaming = true;
        active = true;
    }

    /// What workers noted about tasks, and how they ended, by key as it goes over the wire.
    public record Collected(Map<Object, @Nullable Object> metadata, Map<Object, @Nullable Object> state) {}

    /// Starts to collect under a name; what was collected under it is dropped.
    public synchronized void collect(String name) {
        if (collectors.size() >= COLLECTORS_MAX && !collectors.containsKey(name)) {
            collectors.pollFirstEntry();
        }
        collectors.put(name, new Collected(new LinkedHashMap<>(), new LinkedHashMap<>()));
        active = true;
    }

    /// Stops to collect under a name; null if nothing was.
    public synchronized @Nullable Collected collected(String name) {
        Collected collected = collectors.remove(name);
        active = streaming || !collectors.isEmpty();
        return collected;
    }

    private void collect(Object key, boolean erred, @Nullable Object metadata) {
        for (Collected collected : collectors.values()) {
            if (collected.state.size() < LENGTH || collected.state.containsKey(key)) {
                collected.state.put(key, erred ? "erred" : "memory");
                if (!erred) {
                    collected.metadata.put(key, metadata);
                }
            }
        }
    }

    /// A worker's message, and what it means.
    void see(Event event, String worker, Fields message) {
        if (event instanceof Event.TaskErred erred) {
            failures.add(erred);
            if (actions.isWatched()) {
                actions.add(worker, 0, erred.key(), erred.startStops(), true);
            }
        } else if (event instanceof Event.TaskFinished done && actions.isWatched()) {
            actions.add(worker, done.thread(), done.key(), done.startStops(), false);
        }
        if (active) {
            add(worker, message);
        }
    }

    private void add(String worker, Fields message) {
        boolean erred = message.op().equals("task-erred");
        if (!erred && !message.op().equals("task-finished")) {
            return;
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("key", message.get("key"));
        map.put("worker", worker);
        map.put("status", erred ? "error" : "OK");
        for (String name : List.of("startstops", "thread", "nbytes", "type", "typename", "metadata", "stimulus_id")) {
            map.put(name, message.get(name));
        }
        double stop = 0;
        if (message.get("startstops") instanceof List<?> actions
                && !actions.isEmpty()
                && actions.getLast() instanceof Map<?, ?> last
                && last.get("stop") instanceof Number seconds) {
            stop = seconds.doubleValue();
        }
        Object key = message.get("key");
        synchronized (this) {
            if (key != null) {
                collect(key, erred, message.get("metadata"));
            }
            if (!streaming) {
                return;
            }
            if (runs.size() >= length) {
                runs.removeFirst();
            }
            runs.addLast(new Run(stop, map));
            total++;
        }
    }

    /// Runs in order of arrival, oldest first.
    public synchronized List<Run> runs() {
        return new ArrayList<>(runs);
    }

    /// Hands on the runs from that index on, as far as they are still kept.
    ///
    /// @return the index of the next
    public synchronized long since(long index, Consumer<Run> consumer) {
        long skip = Math.max(0, index - (total - runs.size()));
        runs.stream().skip(skip).forEach(consumer);
        return total;
    }

    /// Number of runs ever recorded; the index of the next.
    public synchronized long total() {
        return total;
    }
}
