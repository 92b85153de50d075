package io.github.daskjvm.worker.task;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A task of three arguments.
@FunctionalInterface
public interface SerializableFunction3<
                A extends @Nullable Object,
                B extends @Nullable Object,
                C extends @Nullable Object,
                R extends @Nullable Object>
        extends Serializable {
    R apply(A first, B second, C third) throws Exception;
}
