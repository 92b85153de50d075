package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A key that is a tuple, while a graph is cut. Not a `List`, whose hash many keys of an array would share: a
/// name and small numbers.
final class TupleKey {
    private final Object[] items;
    private final int hash;

    /// @param items Strings, Longs or such keys
    TupleKey(List<Object> items) {
        this(items.toArray());
    }

    /// @param items as above; are kept
    TupleKey(Object[] items) {
        this.items = items;
        int mixed = 1;
        for (Object item : this.items) {
            mixed = (mixed ^ item.hashCode()) * 0x9E3779B1;
            mixed ^= mixed >>> 15;
        }
        this.hash = mixed;
    }

    /// A key, in which tuples may be lists.
    static Object of(Object key) {
        if (!(key instanceof List<?> list)) {
            return key;
        }
        Object[] items = list.toArray();
        for (int i = 0; i < items.length; i++) {
            items[i] = of(items[i]);
        }
        return new TupleKey(items);
    }

    /// The key with lists for tuples, as [CutTask#key] has it.
    static Object plain(Object key) {
        if (!(key instanceof TupleKey tuple)) {
            return key;
        }
        Object[] plain = new Object[tuple.items.length];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = plain(tuple.items[i]);
        }
        return List.of(plain);
    }

    /// The key as it stands in a pickle.
    static Object node(Object key) {
        if (!(key instanceof TupleKey tuple)) {
            return key;
        }
        Object[] nodes = new Object[tuple.items.length];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = node(tuple.items[i]);
        }
        return new PyNode.Tuple(nodes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof TupleKey that && hash == that.hash && Arrays.equals(items, that.items);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(items);
    }
}
