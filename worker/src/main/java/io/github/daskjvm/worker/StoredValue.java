package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.PythonWriter;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// A value as it came: an object that a task returned, which becomes bytes only when somebody asks for it, or
/// bytes from elsewhere, which become an object only when a task needs it. The form that is there stays alone, except
/// that an object replaces its bytes. Any thread may call.
final class StoredValue {
    private @Nullable Payload payload;
    private @Nullable Object value;

    private StoredValue(@Nullable Payload payload, @Nullable Object value) {
        this.payload = payload;
        this.value = value;
    }

    static StoredValue ofObject(@Nullable Object value) {
        return new StoredValue(null, value);
    }

    static StoredValue ofPayload(Payload payload) {
        return new StoredValue(payload, null);
    }

    /// The object; tasks share it, and must not change it.
    ///
    /// @throws IOException if the bytes have no counterpart in Java, or its classes are not here
    synchronized @Nullable Object value(ClassLoader loader) throws IOException {
        if (payload != null) {
            value = JavaCodec.value(payload, loader);
            payload = null;
        }
        return value;
    }

    /// The bytes for one who reads Java's serialization; what came as bytes stays as it came, where it can be read.
    ///
    /// @param read the serializers that the reader names
    /// @throws IOException if the object does not serialize
    Payload payload(Collection<?> read, ClassLoader loader) throws IOException {
        synchronized (this) {
            if (payload != null && JavaCodec.isReadBy(read, payload)) {
                return payload;
            }
        }
        return JavaCodec.payload(value(loader), read);
    }

    /// The bytes for Python.
    ///
    /// @throws IOException if the object has no counterpart there, or its classes are not here
    Payload pythonPayload(ClassLoader loader) throws IOException {
        synchronized (this) {
            if (payload != null && !JavaCodec.isJava(payload)) {
                return payload;
            }
        }
        return PythonWriter.write(value(loader));
    }
}
