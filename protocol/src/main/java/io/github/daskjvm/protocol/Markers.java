package io.github.daskjvm.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Marker maps, `{"__Serialized__": i}` or `{"__Pickled__": i}`, in the first frame of a message whose other frames are
/// passed on unread, as [MsgpackReader#whole] leaves them.
public final class Markers {
    private Markers() {}

    /// The number of the frame that a marker map points to; 0 if the value is none.
    public static long frame(@Nullable Object value) {
        if (value instanceof Map<?, ?> map && map.size() == 1) {
            for (Payload.Kind kind : Payload.Kind.values()) {
                if (map.get(kind.marker) instanceof Long index) {
                    return index;
                }
            }
        }
        return 0;
    }

    /// Whether there is a marker map in it, however deep.
    public static boolean in(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return frame(map) != 0 || map.values().stream().anyMatch(Markers::in);
        }
        return value instanceof Iterable<?> items && anyIn(items);
    }

    private static boolean anyIn(Iterable<?> items) {
        for (Object item : items) {
            if (in(item)) {
                return true;
            }
        }
        return false;
    }

    /// @throws BadMessageException if a marker map in it points to no frame of a message that has so many beside the
    /// first
    public static void check(@Nullable Object value, int frames) throws BadMessageException {
        if (value instanceof Map<?, ?> map) {
            long frame = frame(map);
            if (frame < 0 || frame > frames) {
                throw new BadMessageException("a payload points to frame " + frame + " of " + frames);
            }
            for (Object item : map.values()) {
                check(item, frames);
            }
        } else if (value instanceof Iterable<?> items) {
            for (Object item : items) {
                check(item, frames);
            }
        }
    }

    /// The same value, its marker maps pointing so many frames further.
    public static @Nullable Object moved(@Nullable Object value, long by) {
        long frame = frame(value);
        if (value instanceof Map<?, ?> map) {
            var moved = LinkedHashMap.<@Nullable Object, @Nullable Object>newLinkedHashMap(map.size());
            map.forEach((key, item) -> moved.put(key, frame != 0 ? Long.valueOf(frame + by) : moved(item, by)));
            return moved;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> moved = new ArrayList<>(list.size());
            for (Object item : list) {
                moved.add(moved(item, by));
            }
            return moved;
        }
        return value;
    }
}
