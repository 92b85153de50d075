package io.github.daskjvm.worker.task;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A task of four arguments.
@FunctionalInterface
public interface SerializableFunction4<
                A extends @Nullable Object,
                B extends @Nullable Object,
                C extends @Nullable Object,
                D extends @Nullable Object,
                R extends @Nullable Object>
        extends Serializable {
    R apply(A first, B second, C third, D fourth) throws Exception;
}
