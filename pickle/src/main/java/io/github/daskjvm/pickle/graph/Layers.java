package io.github.daskjvm.pickle.graph;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.Span;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The layers of a `HighLevelGraph` as one mapping of keys, in the order of the layers; a later one goes over
/// an earlier one, as `ensure_dict` of Dask has it.
final class Layers {
    private static final String HIGH_LEVEL_GRAPH = "dask.highlevelgraph";
    /// What Dask's own code must expand; seen in a pickle, it ends the reading of it. Other such layers, blockwise
    /// ones for instance, may be inside of a task as well: where xarray puts a dataset together, its arrays are.
    private static final Set<String> UNKNOWN_LAYERS =
            Set.of("distributed.shuffle._shuffle", "distributed.shuffle._merge");

    private final Map<Object, Entry> entries = new LinkedHashMap<>();
    private int spans;

    private Layers() {}

    /// Whether a name shows that the pickle can't be cut, before all of it has been read.
    static boolean isOfUnknownLayer(PyNode.Global global) {
        return UNKNOWN_LAYERS.contains(global.module());
    }

    /// @param root a `HighLevelGraph`, or one inside `ToPickle`
    /// @param spans how many items of mappings were passed over
    static Map<Object, Entry> entries(@Nullable Object root, int spans) throws NotCutException, PickleFormatException {
        Object graph = root;
        if (graph instanceof PyNode.Call call && call.isOf("distributed.protocol.serialize", "ToPickle")) {
            graph = Nodes.attributes(call).get("data");
        }
        if (!(graph instanceof PyNode.Call call) || !call.isOf(HIGH_LEVEL_GRAPH, "HighLevelGraph")) {
            throw new NotCutException("no HighLevelGraph");
        }
        if (!(Nodes.attributes(call).get("layers") instanceof PyNode.Dict layers)) {
            throw new NotCutException("layers that are no dict");
        }
        var all = new Layers();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < layers.size(); i++) {
            if (!(layers.value(i) instanceof PyNode.Call layer)) {
                throw new NotCutException("a layer that is no object");
            }
            if (seen.add(layer)) {
                all.add(layer);
            }
        }
        if (all.spans != spans) {
            throw new NotCutException("items passed over that are in no layer");
        }
        return all.entries;
    }

    private void add(PyNode.Call layer) throws NotCutException, PickleFormatException {
        if (layer.isOf(HIGH_LEVEL_GRAPH, "MaterializedLayer")) {
            PyNode.Dict attributes = Nodes.attributes(layer);
            addMapping(attributes.get("mapping"), annotations(attributes));
        } else if (layer.isOf("distributed.client", "_MapLayer")) {
            PyNode.Dict attributes = Nodes.attributes(layer);
            if (attributes.has("_cached_dict")) {
                addMapping(attributes.get("_cached_dict"), annotations(attributes));
            } else {
                for (Entry task : MapLayer.tasks(attributes, annotations(attributes))) {
                    put(task);
                }
            }
        } else {
            throw new NotCutException("a layer of " + layer.callable());
        }
    }

    private static PyNode.@Nullable Dict annotations(PyNode.Dict attributes) throws NotCutException {
        return switch (attributes.get("annotations")) {
            case null -> null;
            case PyNode.Dict annotations -> annotations.size() == 0 ? null : annotations;
            default -> throw new NotCutException("annotations that are no dict");
        };
    }

    private void addMapping(@Nullable Object mapping, PyNode.@Nullable Dict annotations)
            throws NotCutException, PickleFormatException {
        if (!(mapping instanceof PyNode.Dict dict)) {
            throw new NotCutException("a layer's mapping that is no dict");
        }
        for (int i = 0; i < dict.size(); i++) {
            put(
                    dict.key(i) instanceof Span span && dict.value(i) == span
                            ? entry(span, annotations)
                            : new Entry(dict.key(i), dict.value(i), null, annotations));
        }
    }

    private Entry entry(Span span, PyNode.@Nullable Dict annotations) throws NotCutException, PickleFormatException {
        spans++;
        Alike alike = span.isParsed() ? null : Alike.of(span);
        List<Object> dependencies = alike == null ? null : alike.dependencies(span);
        return alike == null || dependencies == null
                ? new Entry(span.item().key(), span.item().value(), null, annotations)
                : new Entry(span, alike.key(span), dependencies, annotations);
    }

    private void put(Entry entry) throws NotCutException {
        entry.number = entries.size();
        Entry before = entries.put(entry.known(), entry);
        if (before != null) {
            entry.number = before.number;
            if (before.annotations != entry.annotations) {
                throw new NotCutException("a key in several layers with different annotations");
            }
        }
    }
}
