package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What graphs have that are no nodes yet: `(function, argument, …)`, a key for what it stands for, or data. Dask makes
/// nodes of them, and the tasks written here have it do so when they are loaded; source: `convert_legacy_graph`. What
/// they need has to be known before: every key of the graph that is an argument, or in lists, tuples and sets of
/// arguments.
final class LegacyTask {
    private static final PyNode.Global CONVERT = new PyNode.Global(Nodes.MODULE, "convert_legacy_graph");
    private static final PyNode.Global GETITEM = new PyNode.Global("_operator", "getitem");
    private static final int DEPTH_MAX = 100;

    private final Set<Object> keys;
    /// Objects in which no key was found, or that never are keys.
    private final Set<Object> without = Collections.newSetFromMap(new IdentityHashMap<>());

    /// Containers of the value that is looked at, each of which is looked through once.
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    LegacyTask(Set<Object> keys) {
        this.keys = keys;
    }

    /// The keys that a value needs. [#node] takes them.
    Set<Object> dependencies(@Nullable Object value) throws NotCutException {
        Set<Object> found = new LinkedHashSet<>();
        if (!seen.isEmpty()) {
            seen.clear();
        }
        add(value, found, 0);
        return found;
    }

    /// A call that makes the node, where the pickle is loaded.
    PyNode.Call node(@Nullable Object key, @Nullable Object value, List<Object> dependencies) {
        var graph = new PyNode.Dict();
        graph.put(key, value);
        // Futures of other graphs are not among the keys that Dask looks for.
        List<Object> known = new ArrayList<>(dependencies.size());
        for (Object dependency : dependencies) {
            if (keys.contains(dependency)) {
                known.add(TupleKey.node(dependency));
            }
        }
        var nodes =
                new PyNode.Call(PyNode.How.REDUCE, CONVERT, new PyNode.Tuple(graph, new PyNode.FrozenSet(known)), null);
        return new PyNode.Call(PyNode.How.REDUCE, GETITEM, new PyNode.Tuple(nodes, key), null);
    }

    private void add(@Nullable Object value, Set<Object> found, int depth) throws NotCutException {
        if (depth > DEPTH_MAX) {
            throw new NotCutException("a task that is nested too deeply");
        }
        switch (value) {
            case null -> {}
            case PyNode.Tuple tuple -> addTuple(tuple, found, depth);
            case PyNode.PyList list -> addAll(list, list.items(), found, depth);
            case PyNode.PySet set -> addAll(set, set.items(), found, depth);
            case PyNode.FrozenSet set -> addAll(set, set.items(), found, depth);
            case PyNode.Dict dict -> refuseNodes(dict);
            case PyNode.Call call when Nodes.isNode(call) -> found.addAll(Nodes.dependencies(call));
            case PyNode.Call call when Nodes.isReference(call) -> found.add(Nodes.target(call));
            case PyNode.Call call -> refuseKeys(call);
            default -> addIfKey(value, found);
        }
    }

    private void addAll(Object container, List<? extends @Nullable Object> items, Set<Object> found, int depth)
            throws NotCutException {
        if (depth == 0 || seen.add(container)) {
            for (Object item : items) {
                add(item, found, depth + 1);
            }
        }
    }

    /// Whether what comes first can be called makes no difference for what is needed.
    private void addTuple(PyNode.Tuple tuple, Set<Object> found, int depth) throws NotCutException {
        List<?> items = tuple.items();
        Object first = items.isEmpty() ? null : items.getFirst();
        if (!(first instanceof PyNode.Global) && addIfKey(tuple, found)) {
            return;
        }
        if (first instanceof PyNode.Call function && function.isOf("dask.optimization", "SubgraphCallable")) {
            throw new NotCutException("a SubgraphCallable");
        }
        if (Nodes.isNode(first)) {
            throw new NotCutException("a node as the first of a tuple, which Dask would call");
        }
        addAll(tuple, items, found, depth);
    }

    private boolean addIfKey(@Nullable Object value, Set<Object> found) throws NotCutException {
        Object key = Keys.candidate(value);
        if (key == null || !keys.contains(key)) {
            return false;
        }
        if (!Keys.isPlain(value)) {
            throw new NotCutException("a number that equals a key, or a part of one, of another type");
        }
        found.add(key);
        return true;
    }

    /// Of a dict as an argument the values count if they are nodes, which they hardly ever are.
    private static void refuseNodes(PyNode.Dict dict) throws NotCutException {
        for (Object value : dict.flat()) {
            if (Nodes.isNode(value) || Nodes.isReference(value)) {
                throw new NotCutException("a dict of nodes");
            }
        }
    }

    /// An object may be a text, a number or a tuple of a class of its own, which Dask takes for one. So if a key is
    /// anywhere in it, it is refused.
    private void refuseKeys(PyNode.Call call) throws NotCutException {
        if (isNeverKey(call) || without.contains(call)) {
            return;
        }
        if (Nodes.mayBeNode(call)) {
            throw new NotCutException("an object that may be a reference of a kind not known");
        }
        refuseKeys(call, 0);
    }

    private void refuseKeys(@Nullable Object value, int depth) throws NotCutException {
        if (depth > DEPTH_MAX) {
            throw new NotCutException("an object that is nested too deeply");
        }
        switch (value) {
            case null -> {}
            case PyNode.Tuple tuple -> {
                refuseKey(tuple);
                refuseKeysIn(tuple, tuple.items(), depth);
            }
            case PyNode.PyList list -> refuseKeysIn(list, list.items(), depth);
            case PyNode.PySet set -> refuseKeysIn(set, set.items(), depth);
            case PyNode.FrozenSet set -> refuseKeysIn(set, set.items(), depth);
            case PyNode.Dict dict -> refuseKeysIn(dict, dict.flat(), depth);
            case PyNode.Call call -> {
                if (Nodes.isNode(call)
                        || Nodes.isReference(call)
                        || call.isOf("numpy._core.multiarray", "scalar")
                        || call.isOf("numpy.core.multiarray", "scalar")) {
                    throw new NotCutException("an object with a node, a reference or a number of NumPy in it");
                }
                if (!isNeverKey(call) && without.add(call)) {
                    refuseKeys(call.callable(), depth + 1);
                    refuseKeys(call.arguments(), depth + 1);
                    refuseKeys(call.keywords(), depth + 1);
                    for (PyNode.Change change : call.changes()) {
                        refuseKeys(change, depth);
                    }
                }
            }
            default -> refuseKey(value);
        }
    }

    private void refuseKeys(PyNode.Change change, int depth) throws NotCutException {
        switch (change) {
            case PyNode.State(Object state) -> refuseKeys(state, depth + 1);
            case PyNode.Appended(var items) -> refuseKeysIn(change, items, depth);
            case PyNode.Put(var flat) -> refuseKeysIn(change, flat, depth);
            case PyNode.Added(var items) -> refuseKeysIn(change, items, depth);
            case PyNode.SetBy(Object setter, Object state) -> {
                refuseKeys(setter, depth + 1);
                refuseKeys(state, depth + 1);
            }
        }
    }

    private void refuseKeysIn(Object container, List<? extends @Nullable Object> items, int depth)
            throws NotCutException {
        if (without.add(container)) {
            for (Object item : items) {
                refuseKeys(item, depth + 1);
            }
        }
    }

    private void refuseKey(@Nullable Object value) throws NotCutException {
        Object key = Keys.candidate(value);
        if (key != null && keys.contains(key)) {
            throw new NotCutException("an object that has a key in it, and may be one");
        }
    }

    /// What these make is a function, a class or an array.
    private static boolean isNeverKey(PyNode.Call call) {
        if (!(call.callable() instanceof PyNode.Global(String module, String name))) {
            return false;
        }
        return switch (module) {
            case "cloudpickle.cloudpickle" ->
                name.equals("_make_function") || name.equals("_make_skeleton_class") || name.equals("subimport");
            case "functools" -> name.equals("partial");
            case "numpy._core.numeric", "numpy.core.numeric" -> name.equals("_frombuffer");
            case "numpy._core.multiarray", "numpy.core.multiarray" -> name.equals("_reconstruct");
            default -> false;
        };
    }
}
