package io.github.daskjvm.worker.task;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task of any number of arguments.
@FunctionalInterface
public interface SerializableVarFunction<R extends @Nullable Object> extends Serializable {
    R apply(List<@Nullable Object> arguments) throws Exception;
}
