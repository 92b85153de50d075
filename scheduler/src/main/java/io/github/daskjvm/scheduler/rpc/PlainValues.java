package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Values as a file of msgpack or YAML can hold them and a person can read them: maps with text as keys, no opaque
/// values.
final class PlainValues {
    private static final int DEPTH_MAX = 100;
    private static final int FIELDS_DEPTH = 1;

    private PlainValues() {}

    /// @param value things by name, each described by its fields, such as workers by address
    /// @param exclude names of fields to leave out. As in Dask, what is deeper is no field: how many tasks are in
    ///     the state `memory` is there whether or not a field of that name is.
    static @Nullable Object of(@Nullable Object value, Set<String> exclude) {
        return of(value, exclude, 0);
    }

    private static @Nullable Object of(@Nullable Object value, Set<String> exclude, int depth) {
        if (depth > DEPTH_MAX) {
            return "...";
        }
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> plain = LinkedHashMap.newLinkedHashMap(map.size());
                map.forEach((key, item) -> {
                    String name = text(key);
                    if (depth != FIELDS_DEPTH || !exclude.contains(name)) {
                        plain.put(name, of(item, exclude, depth + 1));
                    }
                });
                yield plain;
            }
            case Collection<?> items -> {
                List<@Nullable Object> plain = new ArrayList<>(items.size());
                for (Object item : items) {
                    plain.add(of(item, exclude, depth + 1));
                }
                yield plain;
            }
            case TaskKey key -> key.toString();
            case MsgpackReader.Bytes bytes -> bytes.value();
            case Payload payload -> "<serialized, " + payload.frames().size() + " frames>";
            case Boolean flag -> flag;
            case Number number -> number;
            case String text -> text;
            case byte[] bytes -> bytes;
            default -> value.toString();
        };
    }

    /// As Python's `str` has it.
    private static String text(@Nullable Object key) {
        return switch (key) {
            case null -> "None";
            case List<?> items -> {
                try {
                    yield TaskKey.of(items).toString();
                } catch (IllegalArgumentException e) {
                    yield items.toString();
                }
            }
            default -> key.toString();
        };
    }
}
