package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task of a graph.
///
/// @param key a String, a Long, or a List of such, which is a tuple
/// @param parts of a pickle, one after the other, which loads as a node of Dask's `_task_spec`, as which workers run
/// it;
///     complete in itself. What tasks share is the same array
/// @param dependencies keys it needs, each once, of this graph or not
/// @param annotations of its layer, null for none. Tasks of one layer have the same object
public record CutTask(Object key, List<byte[]> parts, List<Object> dependencies, PyNode.@Nullable Dict annotations) {
    /// The parts as one.
    public byte[] pickle() {
        return PickleWriter.Series.joined(parts);
    }
}
