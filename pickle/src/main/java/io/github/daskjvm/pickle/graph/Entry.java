package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a graph has under one key, and what became of it while the graph was cut.
final class Entry {
    private static final Entry[] NONE = {};

    /// As it stands in the pickle.
    final @Nullable Object key;
    /// A node of `_task_spec`, a call that makes one, or what Dask would make one of.
    final @Nullable Object value;
    /// Where the two were passed over, so that they are null.
    final @Nullable Span span;
    /// Of the layer.
    final PyNode.@Nullable Dict annotations;
    /// What `value` needs, as keys, once that was found out.
    @Nullable
    List<Object> dependencies;
    /// The entries of these keys; null for keys that the graph does not have.
    @Nullable
    Entry[] needed = NONE;

    /// Its place among all entries of the graph.
    int number;
    boolean isNode;
    boolean isWanted;
    /// How many of those that it needs were gone through, plus one; -1 after the last.
    int gone;

    private @Nullable Object known;
    private @Nullable Object plainKey;

    Entry(
            @Nullable Object key,
            @Nullable Object value,
            @Nullable List<Object> dependencies,
            PyNode.@Nullable Dict annotations) {
        this(key, value, null, dependencies, annotations);
    }

    /// @param known the key
    Entry(Span span, TupleKey known, List<Object> dependencies, PyNode.@Nullable Dict annotations) {
        this(null, null, span, dependencies, annotations);
        this.known = known;
    }

    private Entry(
            @Nullable Object key,
            @Nullable Object value,
            @Nullable Span span,
            @Nullable List<Object> dependencies,
            PyNode.@Nullable Dict annotations) {
        this.key = key;
        this.value = value;
        this.span = span;
        this.dependencies = dependencies;
        this.annotations = annotations;
        this.isNode = dependencies != null;
    }

    /// A String, a Long or a [TupleKey].
    Object known() throws NotCutException {
        if (known == null) {
            known = Keys.of(key);
        }
        return known;
    }

    /// As [CutTask#key] has it.
    Object plainKey() throws NotCutException {
        if (plainKey == null) {
            plainKey = TupleKey.plain(known());
        }
        return plainKey;
    }
}
