package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The last tasks that finished or failed: what was done for each always, all that workers said of them once somebody
/// has asked for the task stream, which is also when Python's scheduler begins. Any thread may call; readers and those
/// who write do not wait for each other.
public final class TaskRecords {
    /// Runs kept, and keys collected under one name, unless another length is set.
    public static final int LENGTH = 100_000;
    private static final int COLLECTORS_MAX = 100;

    /// One finished or failed run.
    ///
    /// @param stop when its last action ended, in the worker's seconds since 1970
    /// @param map as `get_task_stream` gives it
    public record Run(double stop, Map<String, @Nullable Object> map) {}

    private static final class Runs extends ChunkRing.Chunk {
        final @Nullable Run[] runs = new Run[ChunkRing.CHUNK];

        Runs(long first) {
            super(first);
        }
    }

    private final TaskActions actions;
    private final Failures failures = new Failures();
    private final int length;
    private final ChunkRing<Runs> runs;
    private final LinkedHashMap<String, Collected> collectors = new LinkedHashMap<>();
    private volatile boolean active;
    private volatile boolean streaming;

    /// @param length runs to keep; with 0, actions are kept only while somebody watches
    public TaskRecords(int length) {
        this.length = length;
        actions = length > 0 ? TaskActions.always(length) : new TaskActions();
        runs = new ChunkRing<>(length, Runs::new);
    }

    /// What workers did for tasks of late.
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
        streaming = length > 0;
        active |= streaming;
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
            if (actions.isKept()) {
                actions.add(worker, 0, erred.key(), erred.startStops(), true);
            }
        } else if (event instanceof Event.TaskFinished done && actions.isKept()) {
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
        if (message.get("start") instanceof Double start && message.get("stop") instanceof Double end) {
            map.put("startstops", List.of(Map.of("action", "compute", "start", start, "stop", end)));
            map.put("type", WorkerEvents.JVM_TYPE);
            map.put("metadata", Map.of());
        }
        map.putIfAbsent("stimulus_id", WorkerEvents.stimulus(message));
        double stop = 0;
        if (map.get("startstops") instanceof List<?> actions
                && !actions.isEmpty()
                && actions.getLast() instanceof Map<?, ?> last
                && last.get("stop") instanceof Number seconds) {
            stop = seconds.doubleValue();
        }
        Object key = message.get("key");
        synchronized (this) {
            if (key != null) {
                collect(key, erred, map.get("metadata"));
            }
            if (streaming) {
                Runs open = runs.open();
                open.runs[ChunkRing.place(runs.total())] = new Run(stop, map);
                runs.added(open);
            }
        }
    }

    /// Runs in order of arrival, oldest first.
    public List<Run> runs() {
        List<Run> kept = new ArrayList<>();
        since(0, kept::add);
        return kept;
    }

    /// Hands on the runs from that index on, as far as they are still kept.
    ///
    /// @return the index of the next
    public long since(long index, Consumer<Run> consumer) {
        long end = runs.total();
        for (long i = Math.max(index, end - length); i < end; i++) {
            Runs holding = i < 0 ? null : runs.holding(i);
            Run run = holding == null ? null : holding.runs[ChunkRing.place(i)];
            if (run != null) {
                consumer.accept(run);
            }
        }
        return end;
    }

    /// Number of runs ever recorded; the index of the next.
    public long total() {
        return runs.total();
    }
}
