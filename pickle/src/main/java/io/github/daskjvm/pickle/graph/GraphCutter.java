package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PackedPickle;
import io.github.daskjvm.pickle.PickleBuffer;
import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PickleSeries;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.Spans;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private static final int[] NONE = {};

    private final Map<Object, Entry> entries;
    private final LegacyTask legacy;
    private int wanted;

    private GraphCutter(Map<Object, Entry> entries) {
        this.entries = entries;
        this.legacy = new LegacyTask(entries.keySet());
    }

    /// @param pickle of protocols 3 to 5, of a `HighLevelGraph` or one inside Dask's `ToPickle`
    /// @param buffers that came beside it, by their indexes
    /// @param keys what is wanted, in the form of [CutTask#key]; those that the graph does not have are ignored
    /// @throws NotCutException if anything is not understood, or the pickle is damaged
    public static CutGraph cut(byte[] pickle, List<PickleBuffer> buffers, Collection<?> keys) throws NotCutException {
        var spans = new Spans();
        try {
            try {
                return cut(pickle, buffers, keys, spans);
            } catch (NotCutException | PickleFormatException | IllegalArgumentException e) {
                if (spans.found() == 0) {
                    throw e;
                }
            }
            return cut(pickle, buffers, keys, null);
        } catch (PickleFormatException e) {
            throw new NotCutException(String.valueOf(e.getMessage()));
        }
    }

    /// @param spans passes over tasks that are like others; may refuse what can be cut without it
    static CutGraph cut(byte[] pickle, List<PickleBuffer> buffers, Collection<?> keys, @Nullable Spans spans)
            throws NotCutException, PickleFormatException {
        Object root = spans == null
                ? PickleParser.parse(pickle, Layers::isOfUnknownLayer)
                : PickleParser.parse(pickle, Layers::isOfUnknownLayer, spans);
        var cutter = new GraphCutter(Layers.entries(root, spans == null ? 0 : spans.found()));
        cutter.reach(keys);
        long size = pickle.length;
        for (PickleBuffer buffer : buffers) {
            size += buffer.bytes().length;
        }
        return cutter.write(buffers, Math.max(SMALL_BYTES, GROWTH_MAX * size));
    }

    /// Finds what the keys lead to, and refuses what needs itself.
    private void reach(Collection<?> keys) throws NotCutException {
        Deque<Entry> path = new ArrayDeque<>();
        for (Object key : keys) {
            enter(entries.get(TupleKey.of(key)), path);
            while (!path.isEmpty()) {
                Entry entry = path.getFirst();
                if (entry.gone > entry.needed.length) {
                    entry.gone = -1;
                    path.pop();
                } else {
                    enter(entry.needed[entry.gone++ - 1], path);
                }
            }
        }
    }

    private void enter(@Nullable Entry entry, Deque<Entry> path) throws NotCutException {
        if (entry == null || entry.gone < 0) {
            return;
        }
        if (entry.gone > 0) {
            throw new NotCutException("tasks that need themselves");
        }
        List<Object> dependencies = dependencies(entry);
        entry.dependencies = dependencies;
        if (refersToItself(entry, dependencies)) {
            entry.gone = -1; // It stands for what is outside of the graph.
            return;
        }
        entry.isWanted = true;
        wanted++;
        if (!dependencies.isEmpty()) {
            entry.needed = new Entry[dependencies.size()];
        }
        for (int i = 0; i < entry.needed.length; i++) {
            entry.needed[i] = entries.get(dependencies.get(i));
        }
        entry.gone = 1;
        path.push(entry);
    }

    private List<Object> dependencies(Entry entry) throws NotCutException {
        if (entry.dependencies != null) {
            return entry.dependencies;
        }
        if (Nodes.isNode(entry.value) && entry.value instanceof PyNode.Call node) {
            entry.isNode = true;
            return Nodes.dependencies(node);
        }
        return List.copyOf(legacy.dependencies(entry.value));
    }

    /// Dask leaves out a key that stands for itself.
    private static boolean refersToItself(Entry entry, List<Object> dependencies) throws NotCutException {
        if (dependencies.size() != 1) {
            return false;
        }
        Object key = Keys.of(entry.key);
        Object value = entry.value;
        return dependencies.getFirst().equals(key)
                && (Nodes.isAlias(value) || Nodes.isReference(value) || !entry.isNode && key.equals(keyOrNull(value)));
    }

    private static @Nullable Object keyOrNull(@Nullable Object value) {
        return Keys.isPlain(value) ? Keys.candidate(value) : null;
    }

    private CutGraph write(List<PickleBuffer> buffers, long maxBytes) throws NotCutException, PickleFormatException {
        try (var writer = new PickleSeries(buffers)) {
            return write(writer, maxBytes);
        }
    }

    private CutGraph write(PickleSeries writer, long maxBytes) throws NotCutException, PickleFormatException {
        List<CutTask> tasks = new ArrayList<>(wanted);
        int[] numbers = new int[entries.size()];
        long size = 0;
        for (Entry entry : entries.values()) {
            if (!entry.isWanted) {
                continue;
            }
            List<Object> dependencies = Objects.requireNonNull(entry.dependencies);
            PackedPickle pickle = write(writer, entry, dependencies);
            size += pickle.length();
            if (size > maxBytes) {
                throw new NotCutException(
                        "tasks that share so much that together they would have more than " + maxBytes + " bytes");
            }
            numbers[entry.number] = tasks.size();
            tasks.add(new CutTask(
                    entry.plainKey(), pickle, plain(entry, dependencies), neededNumbers(entry), entry.annotations));
        }
        if (tasks.size() < numbers.length) {
            for (CutTask task : tasks) {
                int[] places = task.places();
                for (int i = 0; i < places.length; i++) {
                    places[i] = places[i] < 0 ? -1 : numbers[places[i]];
                }
            }
        }
        return new CutGraph(tasks);
    }

    private PackedPickle write(PickleSeries writer, Entry entry, List<Object> dependencies)
            throws PickleFormatException {
        if (entry.span != null) {
            return writer.write(entry.span);
        }
        return writer.write(entry.isNode ? entry.value : legacy.node(entry.key, entry.value, dependencies));
    }

    private static int[] neededNumbers(Entry entry) {
        int[] found = entry.needed.length == 0 ? NONE : new int[entry.needed.length];
        for (int i = 0; i < found.length; i++) {
            Entry needed = entry.needed[i];
            found[i] = needed == null || !needed.isWanted ? -1 : needed.number;
        }
        return found;
    }

    private static List<Object> plain(Entry entry, List<Object> dependencies) throws NotCutException {
        if (dependencies.isEmpty()) {
            return List.of();
        }
        Object[] plain = new Object[dependencies.size()];
        for (int i = 0; i < plain.length; i++) {
            Entry needed = entry.needed[i];
            plain[i] = needed == null ? TupleKey.plain(dependencies.get(i)) : needed.plainKey();
        }
        return Arrays.asList(plain);
    }
}
