package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PackedPickle;
import io.github.daskjvm.pickle.PyNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task of a graph.
///
/// @param key a String, a Long, or a List of such, which is a tuple
/// @param packed a pickle, which loads as a node of Dask's `_task_spec`, as which workers run it; complete in itself
/// @param dependencies keys it needs, each once, of this graph or not
/// @param places for each of these, which of the graph's tasks it is; -1 for what is not of this graph
/// @param annotations of its layer, null for none. Tasks of one layer have the same object
@SuppressWarnings("ArrayRecordComponent")
public record CutTask(
        Object key, PackedPickle packed, List<Object> dependencies, int[] places, PyNode.@Nullable Dict annotations) {
    public byte[] pickle() {
        return packed.bytes();
    }
}
