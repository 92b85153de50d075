package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.Shape;
import io.github.daskjvm.pickle.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What tasks of one [Shape] have in common: where their keys, and the keys they need, have the integers in which
/// they differ.
final class Alike {
    private static final int ITEMS_MAX = 100;
    /// In place of a shape's, if its tasks have to be looked at one by one.
    private static final Alike NONE = new Alike(new Object[0], List.of(), List.of());

    /// Items of the tuple: a String, or a [Span.Integral].
    private final Object[] key;
    /// Items likewise, or a [Span.Reference] to one of `own`.
    private final List<Object> dependencies;
    /// What the task adds to the memo, as items; null for what is no such key.
    private final List<Object @Nullable []> own;

    private Alike(Object[] key, List<Object> dependencies, List<Object @Nullable []> own) {
        this.key = key;
        this.dependencies = dependencies;
        this.own = own;
    }

    /// @return null if that is not known of its shape
    static @Nullable Alike of(Span span) throws NotCutException, PickleFormatException {
        Shape shape = span.shape();
        if (shape.note == null) {
            Alike found = find(span.marked());
            shape.note = found == null ? NONE : found;
        }
        return shape.note == NONE ? null : (Alike) shape.note;
    }

    private static @Nullable Alike find(Span.Item item) throws NotCutException {
        Object[] key = items(item.key());
        if (key == null || !(item.value() instanceof PyNode.Call node) || !node.isOf(Nodes.MODULE, "Task")) {
            return null;
        }
        List<Object> dependencies = new ArrayList<>();
        for (Object needed : Nodes.keys(node)) {
            Object one = needed instanceof Span.Reference ? needed : items(needed);
            if (one == null) {
                return null;
            }
            dependencies.add(one);
        }
        List<Object @Nullable []> own = new ArrayList<>();
        for (Object each : item.memo()) {
            own.add(items(each));
        }
        return new Alike(key, dependencies, own);
    }

    private static Object @Nullable [] items(@Nullable Object key) {
        if (!(key instanceof PyNode.Tuple tuple)
                || tuple.items().isEmpty()
                || tuple.items().size() > ITEMS_MAX) {
            return null;
        }
        Object[] items = new Object[tuple.items().size()];
        for (int i = 0; i < items.length; i++) {
            Object item = tuple.items().get(i);
            if (!(item instanceof String) && !(item instanceof Span.Integral)) {
                return null;
            }
            items[i] = item;
        }
        return items;
    }

    TupleKey key(Span span) {
        return key(key, span);
    }

    /// As [Nodes#dependencies] has them; null if the task has to be looked at by itself.
    @Nullable
    List<Object> dependencies(Span span) {
        if (dependencies.isEmpty()) {
            return List.of();
        }
        Object[] keys = new Object[dependencies.size()];
        for (int i = 0; i < keys.length; i++) {
            Object[] items = dependencies.get(i) instanceof Span.Reference reference
                    ? own.get(span.variable(reference.number()))
                    : (Object[]) dependencies.get(i);
            if (items == null) {
                return null;
            }
            keys[i] = key(items, span);
        }
        return List.of(keys);
    }

    private static TupleKey key(Object[] items, Span span) {
        Object[] key = new Object[items.length];
        for (int i = 0; i < key.length; i++) {
            key[i] = items[i] instanceof Span.Integral integral
                    ? (Object) (long) span.variable(integral.number())
                    : items[i];
        }
        return new TupleKey(key);
    }
}
