package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.ByteKey;
import io.github.daskjvm.worker.task.TaskCall;
import io.github.daskjvm.worker.task.TaskLoader;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Functions of tasks by their bytes, so that the thousand tasks of a map read theirs once. A function that holds
/// anything a task could change is read anew for each task. Any thread may call.
final class FunctionCache {
    private static final int FUNCTIONS_MAX = 256;
    private static final int BYTES_MAX = 64 << 10;
    private static final Set<Class<?>> UNCHANGEABLE = Set.of(
            String.class,
            Integer.class,
            Long.class,
            Double.class,
            Boolean.class,
            Float.class,
            Short.class,
            Byte.class,
            Character.class);

    private final TaskLoader loader;
    private int replacements;
    private final Map<ByteKey, Object> functions = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteKey, Object> eldest) {
            return size() > FUNCTIONS_MAX;
        }
    };

    /// What was asked for last; the tasks of a map bring the same array.
    private volatile @Nullable Last last;

    @SuppressWarnings("ArrayRecordComponent")
    private record Last(byte[] bytes, int replacements, Object function) {}

    FunctionCache(TaskLoader loader) {
        this.loader = loader;
    }

    Object function(byte[] bytes) throws IOException {
        Last recent = last;
        if (recent != null && recent.bytes == bytes && recent.replacements == loader.replacements()) {
            return recent.function;
        }
        return sought(bytes);
    }

    private Object sought(byte[] bytes) throws IOException {
        if (bytes.length > BYTES_MAX) {
            return TaskCall.readFunction(bytes, loader);
        }
        var key = new ByteKey(bytes);
        int now = loader.replacements();
        synchronized (functions) {
            if (now != replacements) {
                functions.clear();
                replacements = now;
            }
            Object known = functions.get(key);
            if (known != null) {
                last = new Last(bytes, now, known);
                return known;
            }
        }
        Object function = TaskCall.readFunction(bytes, loader);
        if (isUnchangeable(function.getClass())) {
            synchronized (functions) {
                if (now == replacements) {
                    functions.put(key, function);
                }
            }
        }
        return function;
    }

    /// Whether every field of an object of the class is final and of a type whose values do not change.
    static boolean isUnchangeable(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !(Modifier.isFinal(field.getModifiers())
                                && (field.getType().isPrimitive() || UNCHANGEABLE.contains(field.getType())))) {
                    return false;
                }
            }
        }
        return true;
    }
}
