package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PackedPickle;
import io.github.daskjvm.pickle.PickleBuffer;
import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Cuts the pickle of a `HighLevelGraph` into its tasks. Nothing of it is looked up or called.
///
/// Understood are layers that are dicts, of nodes (`dask._task_spec`) or of tasks of the old form, and the layer of
/// `Client.map`. Each task's pickle has what it shares with others again, so all together may be larger than the graph:
/// up to [#GROWTH_MAX] times as large, or [#SMALL_BYTES]; a graph that would take more is not cut.
public final class GraphCutter {
    /// How much larger than the graph all tasks may be.
    public static final int GROWTH_MAX = 32;
    /// Tasks that together have no more bytes than this are written in any case.
    public static final long SMALL_BYTES = 64L << 20;

    private final Map<Object, Entry> entries;
    private final LegacyTask legacy;
    private final Map<Object, Needing> wanted = new LinkedHashMap<>();

    /// An entry that is wanted, and what it needs.
    private record Needing(Entry entry, boolean isNode, List<Object> dependencies) {}

    private GraphCutter(Map<Object, Entry> entries) {
        this.entries = entries;
        this.legacy = new LegacyTask(entries.keySet());
    }

    /// @param pickle of protocols 3 to 5, of a `HighLevelGraph` or one inside Dask's `ToPickle`
    /// @param buffers that came beside it, by their indexes
    /// @param keys what is wanted, in the form of [CutTask#key]; those that the graph does not have are ignored
    /// @throws NotCutException if anything is not understood, or the pickle is damaged
    public static CutGraph cut(byte[] pickle, List<PickleBuffer> buffers, Collection<?> keys) throws NotCutException {
        try {
            var cutter = new GraphCutter(Layers.entries(PickleParser.parse(pickle, Layers::isOfUnknownLayer)));
            cutter.reach(keys);
            cutter.refuseCycles();
            long size = pickle.length;
            for (PickleBuffer buffer : buffers) {
                size += buffer.bytes().length;
            }
            return cutter.write(buffers, Math.max(SMALL_BYTES, GROWTH_MAX * size));
        } catch (PickleFormatException e) {
            throw new NotCutException(String.valueOf(e.getMessage()));
        }
    }

    /// Finds what the keys lead to.
    private void reach(Collection<?> keys) throws NotCutException {
        Deque<Object> work = new ArrayDeque<>(keys.size());
        keys.forEach(key -> work.add(TupleKey.of(key)));
        while (!work.isEmpty()) {
            Object key = work.pop();
            if (wanted.containsKey(key)) {
                continue;
            }
            Entry entry = entries.get(key);
            if (entry == null) {
                continue;
            }
            Needing needing = needing(entry);
            if (refersToItself(key, needing)) {
                continue; // It stands for what is outside of the graph.
            }
            wanted.put(key, needing);
            needing.dependencies.forEach(work::push);
        }
    }

    private Needing needing(Entry entry) throws NotCutException {
        if (entry.dependencies() != null) {
            return new Needing(entry, true, entry.dependencies());
        }
        if (Nodes.isNode(entry.value()) && entry.value() instanceof PyNode.Call node) {
            return new Needing(entry, true, Nodes.dependencies(node));
        }
        return new Needing(entry, false, List.copyOf(legacy.dependencies(entry.value())));
    }

    /// Dask leaves out a key that stands for itself.
    private static boolean refersToItself(Object key, Needing needing) {
        if (needing.dependencies.size() != 1 || !needing.dependencies.getFirst().equals(key)) {
            return false;
        }
        Object value = needing.entry.value();
        return Nodes.isAlias(value) || Nodes.isReference(value) || !needing.isNode && key.equals(keyOrNull(value));
    }

    private static @Nullable Object keyOrNull(@Nullable Object value) {
        return Keys.isPlain(value) ? Keys.candidate(value) : null;
    }

    private void refuseCycles() throws NotCutException {
        Map<Object, Integer> waiting = new HashMap<>();
        Map<Object, List<Object>> dependents = new HashMap<>();
        Deque<Object> ready = new ArrayDeque<>();
        for (Map.Entry<Object, Needing> each : wanted.entrySet()) {
            int inside = 0;
            for (Object dependency : each.getValue().dependencies) {
                if (wanted.containsKey(dependency)) {
                    dependents
                            .computeIfAbsent(dependency, key -> new ArrayList<>(2))
                            .add(each.getKey());
                    inside++;
                }
            }
            if (inside == 0) {
                ready.push(each.getKey());
            } else {
                waiting.put(each.getKey(), inside);
            }
        }
        while (!ready.isEmpty()) {
            for (Object dependent : dependents.getOrDefault(ready.pop(), List.of())) {
                Integer left = waiting.merge(dependent, -1, Integer::sum);
                if (left == 0) {
                    waiting.remove(dependent);
                    ready.push(dependent);
                }
            }
        }
        if (!waiting.isEmpty()) {
            throw new NotCutException("tasks that need themselves");
        }
    }

    private CutGraph write(List<PickleBuffer> buffers, long maxBytes) throws NotCutException, PickleFormatException {
        try (var writer = new PickleWriter.Series(buffers)) {
            return write(writer, maxBytes);
        }
    }

    private CutGraph write(PickleWriter.Series writer, long maxBytes) throws NotCutException, PickleFormatException {
        List<CutTask> tasks = new ArrayList<>(wanted.size());
        long size = 0;
        for (Map.Entry<Object, Entry> each : entries.entrySet()) {
            Needing needing = wanted.get(each.getKey());
            if (needing == null) {
                continue;
            }
            Entry entry = needing.entry;
            Object node =
                    needing.isNode ? entry.value() : legacy.node(entry.key(), entry.value(), needing.dependencies);
            PackedPickle pickle = writer.write(node);
            size += pickle.length();
            if (size > maxBytes) {
                throw new NotCutException(
                        "tasks that share so much that together they would have more than " + maxBytes + " bytes");
            }
            tasks.add(new CutTask(
                    TupleKey.plain(each.getKey()),
                    pickle,
                    TupleKey.allPlain(needing.dependencies),
                    entry.annotations()));
        }
        return new CutGraph(tasks);
    }
}
