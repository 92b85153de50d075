package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The objects of graphs in a pickle: nodes of Dask's module `_task_spec`, and references to keys.
final class Nodes {
    static final String MODULE = "dask._task_spec";
    static final PyNode.Global TASK = new PyNode.Global(MODULE, "Task");
    private static final Set<String> WITH_STATE =
            Set.of("Task", "Alias", "List", "Tuple", "Set", "Dict", "NestedContainer");
    private static final String DEPENDENCIES = "_dependencies";

    private Nodes() {}

    static boolean isNode(@Nullable Object value) {
        return value instanceof PyNode.Call call
                && call.callable() instanceof PyNode.Global(String module, String name)
                && module.equals(MODULE)
                && (WITH_STATE.contains(name) || name.equals("DataNode"));
    }

    static boolean isReference(@Nullable Object value) {
        return value instanceof PyNode.Call call
                && (call.isOf(MODULE, "TaskRef") || call.isOf("distributed.client", "Future"));
    }

    static boolean isAlias(@Nullable Object value) {
        return value instanceof PyNode.Call call && call.isOf(MODULE, "Alias");
    }

    /// Whether an object of a class that is not known here may be a node, or a reference, of a class derived
    /// from theirs: it has what these have.
    static boolean mayBeNode(PyNode.Call call) {
        for (PyNode.Change change : call.changes()) {
            if (change instanceof PyNode.State(PyNode.Tuple state)
                    && state.items().size() == 2
                    && state.items().getLast() instanceof PyNode.Dict slots
                    && slots.has("key")) {
                return true;
            }
        }
        return false;
    }

    /// The keys that a node needs; it says so itself.
    static List<Object> dependencies(PyNode.Call node) throws NotCutException {
        if (node.isOf(MODULE, "DataNode")) {
            if (node.how() != PyNode.How.REDUCE || !node.changes().isEmpty()) {
                throw new NotCutException("a DataNode in another form than known");
            }
            return List.of();
        }
        return Keys.allOf(keys(node));
    }

    /// The same as they stand in the pickle, of a node with a state.
    static List<@Nullable Object> keys(PyNode.Call node) throws NotCutException {
        if (slots(node).get(DEPENDENCIES) instanceof PyNode.FrozenSet set) {
            return set.items();
        }
        throw new NotCutException("a node that does not say what it needs");
    }

    /// The key to which a reference points.
    static Object target(PyNode.Call reference) throws NotCutException {
        if (reference.isOf("distributed.client", "Future")
                && reference.how() == PyNode.How.REDUCE
                && reference.changes().isEmpty()
                && reference.argumentItems().size() == 1) {
            return Keys.of(reference.argumentItems().getFirst());
        }
        if (reference.isOf(MODULE, "TaskRef")) {
            return Keys.of(slots(reference).get("key"));
        }
        throw new NotCutException("a reference in another form than known");
    }

    private static PyNode.Dict slots(PyNode.Call node) throws NotCutException {
        if (node.how() == PyNode.How.NEW
                && node.argumentItems().isEmpty()
                && node.changeCount() == 1
                && node.change(0) instanceof PyNode.State(PyNode.Tuple state)
                && state.items().size() == 2
                && (state.items().getFirst() == null || state.items().getFirst() instanceof PyNode.Dict)
                && state.items().getLast() instanceof PyNode.Dict slots) {
            return slots;
        }
        throw new NotCutException("a node in another form than known");
    }

    /// The attributes of an object that was made without arguments and given them then.
    static PyNode.Dict attributes(PyNode.Call object) throws NotCutException {
        if (object.how() == PyNode.How.NEW
                && object.argumentItems().isEmpty()
                && object.changeCount() == 1
                && object.change(0) instanceof PyNode.State(PyNode.Dict attributes)) {
            return attributes;
        }
        throw new NotCutException("an object of " + object.callable() + " in another form than known");
    }
}
