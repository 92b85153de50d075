package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `Client.map` sends: one function, and the arguments of all calls. Each task becomes the call of `Task` by which
/// Dask makes it.
final class MapLayer {
    private static final PyNode.Global APPLY = new PyNode.Global("dask.utils", "apply");
    /// Dask keeps keyword arguments of more than 100 kB as tasks of their own. What is less than these surely is less.
    private static final int KEYWORDS_MAX_VALUES = 100;

    private static final int KEYWORDS_MAX_TEXT = 10_000;

    private final @Nullable Object function;
    private final PyNode.Dict keywords;
    private final Set<Object> ofKeywords = new LinkedHashSet<>();

    private MapLayer(@Nullable Object function, PyNode.Dict keywords) throws NotCutException {
        this.function = function;
        this.keywords = keywords;
        for (int i = 0; i < keywords.size(); i++) {
            if (!(keywords.key(i) instanceof String name) || name.equals("_dependencies")) {
                throw new NotCutException("a keyword argument that Dask's Task takes itself");
            }
            new Size().add(keywords.value(i));
            addDependencies(keywords.value(i), ofKeywords);
        }
    }

    /// @param layer the attributes of a `distributed.client._MapLayer`
    static List<Entry> tasks(PyNode.Dict layer, PyNode.@Nullable Dict annotations) throws NotCutException {
        List<? extends @Nullable Object> keys = items(layer.get("_cached_keys"));
        if (!(layer.get("kwargs") instanceof PyNode.Dict keywords) || Nodes.isNode(layer.get("func"))) {
            throw new NotCutException("a map in another form than known");
        }
        var map = new MapLayer(layer.get("func"), keywords);
        List<List<? extends @Nullable Object>> columns = new ArrayList<>();
        for (Object column : items(layer.get("iterables"))) {
            columns.add(items(column));
        }
        int count = columns.isEmpty() ? 0 : keys.size();
        for (List<?> column : columns) {
            count = Math.min(count, column.size());
        }
        List<Entry> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(map.task(keys.get(i), columns, i, annotations));
        }
        return tasks;
    }

    private static List<? extends @Nullable Object> items(@Nullable Object value) throws NotCutException {
        return switch (value) {
            case PyNode.Tuple tuple -> tuple.items();
            case PyNode.PyList list -> list.items();
            case null, default -> throw new NotCutException("a map in another form than known");
        };
    }

    private Entry task(
            @Nullable Object key,
            List<List<? extends @Nullable Object>> columns,
            int row,
            PyNode.@Nullable Dict annotations)
            throws NotCutException {
        Object[] arguments = new Object[2 + columns.size()];
        arguments[0] = key;
        arguments[1] = function;
        Set<Object> needed = ofKeywords;
        for (int i = 0; i < columns.size(); i++) {
            Object argument = columns.get(i).get(row);
            arguments[2 + i] = argument;
            if (argument instanceof PyNode.Call) {
                if (needed == ofKeywords) {
                    needed = new LinkedHashSet<>(ofKeywords);
                }
                addDependencies(argument, needed);
            }
        }
        PyNode.Call task = keywords.size() == 0
                ? new PyNode.Call(PyNode.How.REDUCE, Nodes.TASK, new PyNode.Tuple(arguments), null)
                : new PyNode.Call(
                        PyNode.How.REDUCE,
                        APPLY,
                        new PyNode.Tuple(Nodes.TASK, new PyNode.Tuple(arguments), keywords),
                        null);
        return new Entry(key, task, needed.isEmpty() ? List.of() : List.copyOf(needed), annotations);
    }

    private static void addDependencies(@Nullable Object argument, Set<Object> keys) throws NotCutException {
        if (!(argument instanceof PyNode.Call call)) {
            return;
        }
        if (Nodes.isNode(call)) {
            keys.addAll(Nodes.dependencies(call));
        } else if (Nodes.isReference(call) || Nodes.mayBeNode(call)) {
            throw new NotCutException("an argument of a map that may be a reference of a kind not known");
        }
    }

    /// Refuses what may be large.
    private static final class Size {
        private int values;
        private int text;

        void add(@Nullable Object value) throws NotCutException {
            values++;
            switch (value) {
                case null -> {}
                case String string -> text += string.length();
                case byte[] bytes -> text += bytes.length;
                case Boolean ignored -> {}
                case Number ignored -> {}
                case PyNode.Global ignored -> {}
                case PyNode.Tuple tuple -> addAll(tuple.items());
                case PyNode.PyList list -> addAll(list.items());
                case PyNode.PySet set -> addAll(set.items());
                case PyNode.FrozenSet set -> addAll(set.items());
                case PyNode.Dict dict -> addAll(dict.flat());
                case PyNode.Call call when Nodes.isAlias(call) -> {}
                default -> throw new NotCutException("a keyword argument of a map that may be large");
            }
            if (values > KEYWORDS_MAX_VALUES || text > KEYWORDS_MAX_TEXT) {
                throw new NotCutException("a keyword argument of a map that may be large");
            }
        }

        private void addAll(List<? extends @Nullable Object> items) throws NotCutException {
            for (Object item : items) {
                add(item);
            }
        }
    }
}
