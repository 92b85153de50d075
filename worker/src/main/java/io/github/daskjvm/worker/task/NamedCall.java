package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.PythonReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A task that names its function, with arguments in Python's form: what `dask_jvm.java` of Python submits. As a
/// `run_spec` it is a payload with the header `{"serializer": "pickle", "java": "named"}`; its frames are the pickle of
/// `(name, arguments)` and the buffers beside it. Where the result of another task belongs, the arguments have a call
/// of `dask_jvm.calls.ResultOf` with that task's key.
///
/// @param function see [NamedFunction#find] for how it is named
/// @param arguments with the results of other tasks in place
public record NamedCall(NamedFunction function, List<@Nullable Object> arguments) {
    private static final String KIND = "named";

    /// Whether the payload is such a call.
    public static boolean isCall(Payload payload) {
        try {
            return new MsgpackReader().whole(payload.header()) instanceof Map<?, ?> header
                    && KIND.equals(header.get("java"));
        } catch (IOException e) {
            return false;
        }
    }

    /// @param results of other tasks, by their keys
    /// @throws MissingClassException if the function's class is not there
    /// @throws io.github.daskjvm.worker.python.ConversionException if an argument has no counterpart in Java
    /// @throws IllegalArgumentException if the class has no such function
    public static NamedCall read(
            Payload payload, ClassLoader loader, Function<TaskKey, ? extends @Nullable Object> results)
            throws IOException {
        Object call = PythonReader.read(payload, key -> results.apply(TaskKey.of(key)));
        if (call instanceof List<?> parts
                && parts.size() == 2
                && parts.get(0) instanceof String name
                && parts.get(1) instanceof List<?> arguments) {
            @SuppressWarnings("unchecked")
            var checked = (List<@Nullable Object>) arguments;
            return new NamedCall(NamedFunction.find(name, loader), checked);
        }
        throw new IOException("the task's function and arguments are damaged");
    }

    /// @throws Exception what the function threw
    /// @throws IllegalArgumentException if the arguments do not fit, naming their types and what there is
    public @Nullable Object invoke() throws Exception {
        return function.call(arguments);
    }
}
