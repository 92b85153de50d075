package io.github.daskjvm.worker.task;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The serializers on the class path, by name.
public final class ValueSerializers {
    private static final Map<String, ValueSerializer> INSTALLED = find();

    private ValueSerializers() {}

    private static Map<String, ValueSerializer> find() {
        Map<String, ValueSerializer> found = new LinkedHashMap<>();
        ClassPathServices.find(ValueSerializer.class, "a serializer").forEach(each -> found.put(each.name(), each));
        return found;
    }

    static Map<String, ValueSerializer> installed() {
        return INSTALLED;
    }

    /// @param name as in options: of one on the class path; `java` for none besides Java serialization; empty
    ///     for the first that there is
    /// @return null for none
    /// @throws IllegalArgumentException naming those that there are
    public static @Nullable ValueSerializer named(String name) {
        if (name.equals(JavaCodec.SERIALIZER)) {
            return null;
        }
        if (name.isEmpty()) {
            return INSTALLED.values().stream().findFirst().orElse(null);
        }
        ValueSerializer serializer = INSTALLED.get(name);
        if (serializer == null) {
            throw new IllegalArgumentException("there is no serializer " + name + " on the class path; there are java"
                    + (INSTALLED.isEmpty() ? "" : ", " + String.join(", ", INSTALLED.keySet())));
        }
        return serializer;
    }
}
