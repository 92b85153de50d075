package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import java.io.Serializable;

/// Stands in a task's arguments for the result of another task.
///
/// @param keyValue the key in wire form, see [TaskKey#value]
public record KeyReference(Object keyValue) implements Serializable {
    public KeyReference(TaskKey key) {
        this(key.value());
    }

    /// @throws IllegalArgumentException if what was received is no key
    public TaskKey key() {
        return TaskKey.of(keyValue);
    }
}
