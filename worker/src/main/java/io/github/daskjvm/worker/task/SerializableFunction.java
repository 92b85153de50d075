package io.github.daskjvm.worker.task;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A task of one argument.
@FunctionalInterface
public interface SerializableFunction<A extends @Nullable Object, R extends @Nullable Object> extends Serializable {
    R apply(A argument) throws Exception;
}
