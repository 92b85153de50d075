package io.github.daskjvm.worker;

import io.github.daskjvm.worker.python.NdArray;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How large a task's result is, for the scheduler's decisions: an estimate for the usual types, found by walking
/// them; for anything else the length of its serialized form, which is found by writing it to nowhere. Either way a
/// value that has a size can be serialized.
final class ValueSize {
    private static final int DEPTH_MAX = 32;
    private static final long VISITS_MAX = 1_000_000;
    private static final Set<Class<?>> CONTAINERS = Set.of(
            ArrayList.class,
            HashMap.class,
            HashSet.class,
            LinkedHashMap.class,
            LinkedHashSet.class,
            List.of().getClass(),
            List.of(1).getClass(),
            Set.of().getClass(),
            Set.of(1).getClass(),
            Map.of().getClass(),
            Map.of(1, 1).getClass());
    private static final long UNKNOWN = -1;

    private long visits;

    private ValueSize() {}

    /// @throws java.io.NotSerializableException naming the class that stands in the way
    static long of(@Nullable Object value) throws IOException {
        long estimate = new ValueSize().estimate(value, 0);
        return estimate == UNKNOWN ? serializedLength(value) : estimate;
    }

    private static long serializedLength(@Nullable Object value) throws IOException {
        var counter = new ByteCounter();
        try (var out = new ObjectOutputStream(counter)) {
            out.writeObject(value);
        }
        return counter.bytes();
    }

    private long estimate(@Nullable Object value, int depth) {
        if (depth > DEPTH_MAX || ++visits > VISITS_MAX) {
            return UNKNOWN;
        }
        return switch (value) {
            case null -> 8;
            case String text -> 48L + text.length();
            case Integer n -> 16;
            case Long n -> 24;
            case Double n -> 24;
            case Boolean b -> 16;
            case Float n -> 16;
            case Short n -> 16;
            case Byte n -> 16;
            case Character c -> 16;
            case byte[] array -> 16L + array.length;
            case int[] array -> 16 + 4L * array.length;
            case long[] array -> 16 + 8L * array.length;
            case double[] array -> 16 + 8L * array.length;
            case float[] array -> 16 + 4L * array.length;
            case NdArray array -> 64L + (long) array.type().elementBytes() * Array.getLength(array.values());
            case Collection<?> items when CONTAINERS.contains(items.getClass()) -> items(items, depth);
            case Map<?, ?> map when CONTAINERS.contains(map.getClass()) -> entries(map, depth);
            default -> UNKNOWN;
        };
    }

    private long items(Collection<?> items, int depth) {
        long sum = 48;
        for (Object item : items) {
            long size = estimate(item, depth + 1);
            if (size == UNKNOWN) {
                return UNKNOWN;
            }
            sum += 8 + size;
        }
        return sum;
    }

    private long entries(Map<?, ?> map, int depth) {
        long sum = 64;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            long key = estimate(entry.getKey(), depth + 1);
            long value = key == UNKNOWN ? UNKNOWN : estimate(entry.getValue(), depth + 1);
            if (value == UNKNOWN) {
                return UNKNOWN;
            }
            sum += 48 + key + value;
        }
        return sum;
    }
}
