package io.github.daskjvm.worker.task;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A task of two arguments.
@FunctionalInterface
public interface SerializableBiFunction<
                A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
        extends Serializable {
    R apply(A first, B second) throws Exception;
}
