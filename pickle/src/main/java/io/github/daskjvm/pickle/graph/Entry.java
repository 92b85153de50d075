package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PyNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a graph has under one key.
///
/// @param key as it stands in the pickle
/// @param value a node of `_task_spec`, a call that makes one, or what Dask would make one of
/// @param dependencies what `value` needs where that was found out already
/// @param annotations of the layer
record Entry(
        @Nullable Object key,
        @Nullable Object value,
        @Nullable List<Object> dependencies,
        PyNode.@Nullable Dict annotations) {}
