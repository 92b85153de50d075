package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Arguments as a tree of lists, sets and maps whose leaves are everything else. The client replaces futures in
/// it by [KeyReference]s, the worker those by results. References inside other objects are not seen.
public final class ArgumentTree {
    private static final int MAX_DEPTH = 256;

    private ArgumentTree() {}

    /// The tree with every leaf replaced by what `leaf` makes of it. A list, set or map in which nothing changed
    /// is returned as it is; a changed one becomes an `ArrayList`, `LinkedHashSet` or `LinkedHashMap`.
    ///
    /// @throws IllegalArgumentException if the tree is nested deeper than 256, as one that contains itself is
    public static @Nullable Object map(@Nullable Object tree, UnaryOperator<@Nullable Object> leaf) {
        return map(tree, leaf, 0);
    }

    private static @Nullable Object map(@Nullable Object tree, UnaryOperator<@Nullable Object> leaf, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("task arguments are nested deeper than " + MAX_DEPTH);
        }
        return switch (tree) {
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>(list.size());
                yield addAll(list, copy, leaf, depth) ? copy : list;
            }
            case Set<?> set -> {
                var copy = LinkedHashSet.<@Nullable Object>newLinkedHashSet(set.size());
                yield addAll(set, copy, leaf, depth) ? copy : set;
            }
            case Map<?, ?> map -> mapEntries(map, leaf, depth);
            case null, default -> leaf.apply(tree);
        };
    }

    private static boolean addAll(
            Iterable<?> items,
            java.util.Collection<@Nullable Object> copy,
            UnaryOperator<@Nullable Object> leaf,
            int depth) {
        boolean changed = false;
        for (Object item : items) {
            Object mapped = map(item, leaf, depth + 1);
            changed |= mapped != item;
            copy.add(mapped);
        }
        return changed;
    }

    private static Map<?, ?> mapEntries(Map<?, ?> map, UnaryOperator<@Nullable Object> leaf, int depth) {
        var copy = LinkedHashMap.<@Nullable Object, @Nullable Object>newLinkedHashMap(map.size());
        boolean changed = false;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object key = map(entry.getKey(), leaf, depth + 1);
            Object value = map(entry.getValue(), leaf, depth + 1);
            changed |= key != entry.getKey() || value != entry.getValue();
            copy.put(key, value);
        }
        return changed ? copy : map;
    }

    /// The tasks that the tree refers to, in order of first appearance.
    public static Set<TaskKey> references(@Nullable Object tree) {
        var keys = new LinkedHashSet<TaskKey>();
        map(tree, value -> {
            if (value instanceof KeyReference reference) {
                keys.add(reference.key());
            }
            return value;
        });
        return Collections.unmodifiableSet(keys);
    }
}
