package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The annotations of a graph that is cut, where they are plain values: those for all tasks, over them those of layers.
/// Anything else is not understood, which is said by `null` or an exception of [PickleFormatException].
final class PlainAnnotations {
    private static final int VALUES_MAX = 10_000;

    private final PyNode.Dict ofAll;
    private final TaskOptions forAll;
    private final Map<PyNode.Dict, TaskOptions> ofLayers = new IdentityHashMap<>();

    private PlainAnnotations(PyNode.Dict ofAll) throws NotPlain {
        this.ofAll = ofAll;
        this.forAll = options(merged(null));
    }

    /// An annotation that only Python can make sense of.
    static final class NotPlain extends Exception {
        NotPlain(String reason) {
            super(reason, null, false, false);
        }
    }

    /// @param annotations as they came with the graph
    static PlainAnnotations of(@Nullable Object annotations) throws NotPlain {
        try {
            if (annotations == null || annotations instanceof Map<?, ?> map && map.isEmpty()) {
                return new PlainAnnotations(new PyNode.Dict());
            }
            if (annotations instanceof Payload payload
                    && payload.kind() == Payload.Kind.PICKLED
                    && payload.frames().isEmpty()
                    && PayloadFrames.header(payload).get("pickled-obj") instanceof byte[] pickle
                    && PickleParser.parse(pickle) instanceof PyNode.Dict dict) {
                return new PlainAnnotations(dict);
            }
        } catch (PickleFormatException | BadMessageException e) {
            throw new NotPlain(String.valueOf(e.getMessage()));
        }
        throw new NotPlain("annotations in another form than known");
    }

    /// @param layer what the layer says, null for nothing
    TaskOptions options(PyNode.@Nullable Dict layer, boolean actor) throws NotPlain {
        TaskOptions options = forAll;
        if (layer != null) {
            options = ofLayers.get(layer);
            if (options == null) {
                options = options(merged(layer));
                ofLayers.put(layer, options);
            }
        }
        return actor ? GraphTable.ofActor(options) : options;
    }

    /// None means not annotated.
    private Map<String, Object> merged(PyNode.@Nullable Dict layer) throws NotPlain {
        Map<String, @Nullable Object> merged = new LinkedHashMap<>();
        put(ofAll, merged);
        if (layer != null) {
            put(layer, merged);
        }
        Map<String, Object> annotations = new LinkedHashMap<>();
        merged.forEach((name, value) -> {
            if (value != null) {
                annotations.put(name, value);
            }
        });
        return annotations;
    }

    private static void put(PyNode.Dict from, Map<String, @Nullable Object> to) throws NotPlain {
        for (int i = 0; i < from.size(); i++) {
            if (!(from.key(i) instanceof String name)) {
                throw new NotPlain("an annotation whose name is no text");
            }
            refuseObjects(from.value(i), new int[1]);
            to.put(name, from.value(i));
        }
    }

    private static void refuseObjects(@Nullable Object value, int[] count) throws NotPlain {
        if (++count[0] > VALUES_MAX) {
            throw new NotPlain("an annotation of many values");
        }
        List<? extends @Nullable Object> items = switch (value) {
            case null -> List.of();
            case PyNode.Tuple tuple -> tuple.items();
            case PyNode.PyList list -> list.items();
            case PyNode.PySet set -> set.items();
            case PyNode.FrozenSet set -> set.items();
            case PyNode.Dict dict -> dict.flat();
            case PyNode ignored -> throw new NotPlain("an annotation that is no plain value");
            default -> List.of();
        };
        for (Object item : items) {
            refuseObjects(item, count);
        }
    }

    private static TaskOptions options(Map<String, Object> annotations) throws NotPlain {
        if (annotations.isEmpty()) {
            return TaskOptions.NONE;
        }
        try {
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("pickle", pickle(annotations, ""));
            for (Map.Entry<String, Object> annotation : annotations.entrySet()) {
                put(annotation.getKey(), annotation.getValue(), annotations, entry);
            }
            return GraphTable.options(entry);
        } catch (PickleFormatException | BadMessageException e) {
            throw new NotPlain(String.valueOf(e.getMessage()));
        }
    }

    private static void put(
            String name, Object value, Map<String, Object> annotations, Map<String, @Nullable Object> entry)
            throws NotPlain, PickleFormatException {
        switch (name) {
            case "priority" -> entry.put(name, number(value).doubleValue());
            case "retries" -> {
                if (!(value instanceof Long)) {
                    throw new NotPlain("retries that are no integer");
                }
                entry.put(name, value);
            }
            case "workers", "restrictions" -> entry.put("workers", workers(value));
            case "allow_other_workers", "loose_restrictions" -> {
                if (!(value instanceof Boolean)) {
                    throw new NotPlain(name + " that is neither True nor False");
                }
                entry.put("allow_other_workers", value);
            }
            case "resources" -> {
                if (!(value instanceof PyNode.Dict amounts)) {
                    throw new NotPlain("resources that are no dict");
                }
                Map<String, Double> resources = new LinkedHashMap<>();
                for (int i = 0; i < amounts.size(); i++) {
                    resources.put(text(amounts.key(i)), number(amounts.value(i)).doubleValue());
                }
                entry.put(name, resources);
            }
            case "span" -> entry.put(name, span(value, annotations));
            default -> {}
        }
    }

    private static List<String> workers(Object value) throws NotPlain {
        List<String> workers = new ArrayList<>();
        boolean sorted = false;
        List<? extends @Nullable Object> items = switch (value) {
            case PyNode.PySet set -> set.items();
            case PyNode.FrozenSet set -> set.items();
            case PyNode.PyList list -> list.items();
            case PyNode.Tuple tuple -> tuple.items();
            default -> List.of(value);
        };
        for (Object item : items) {
            workers.add(item instanceof Long number ? number.toString() : text(item));
        }
        if (value instanceof PyNode.PySet || value instanceof PyNode.FrozenSet) {
            sorted = true;
        }
        if (sorted) {
            workers.sort(Comparator.naturalOrder());
        }
        return workers;
    }

    private static Map<String, @Nullable Object> span(Object value, Map<String, Object> annotations)
            throws NotPlain, PickleFormatException {
        if (!(value instanceof PyNode.Dict span)) {
            throw new NotPlain("a span that is no dict");
        }
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("name", texts(span.get("name")));
        entry.put("ids", texts(span.get("ids")));
        entry.put("others", annotations.size() == 1 ? null : pickle(annotations, "span"));
        return entry;
    }

    private static List<String> texts(@Nullable Object value) throws NotPlain {
        List<String> texts = new ArrayList<>();
        if (!(value instanceof PyNode.Tuple tuple)) {
            throw new NotPlain("a span in another form than known");
        }
        for (Object item : tuple.items()) {
            texts.add(text(item));
        }
        return texts;
    }

    private static String text(@Nullable Object value) throws NotPlain {
        if (value instanceof String text) {
            return text;
        }
        throw new NotPlain("an annotation with something else where text is expected");
    }

    private static Number number(@Nullable Object value) throws NotPlain {
        if (value instanceof Long || value instanceof Double) {
            return (Number) value;
        }
        throw new NotPlain("an annotation with something else where a number is expected");
    }

    private static byte[] pickle(Map<String, Object> annotations, String without) throws PickleFormatException {
        var dict = new PyNode.Dict();
        annotations.forEach((name, value) -> {
            if (!name.equals(without)) {
                dict.put(name, value);
            }
        });
        return PickleWriter.write(dict).pickle();
    }
}
