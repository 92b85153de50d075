package io.github.daskjvm.worker.task;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The serializers on the class path, by name. One whose library is missing is told of and left out.
public final class ValueSerializers {
    private static final Logger log = LoggerFactory.getLogger(ValueSerializers.class);
    private static final Map<String, ValueSerializer> INSTALLED = find();

    private ValueSerializers() {}

    private static Map<String, ValueSerializer> find() {
        Map<String, ValueSerializer> found = new LinkedHashMap<>();
        var services = ServiceLoader.load(ValueSerializer.class, ValueSerializers.class.getClassLoader())
                .iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return found;
                }
                ValueSerializer each = services.next();
                found.put(each.name(), each);
            } catch (ServiceConfigurationError | LinkageError e) {
                log.warn("a serializer on the class path can not be used: {}", e.toString());
            }
        }
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
