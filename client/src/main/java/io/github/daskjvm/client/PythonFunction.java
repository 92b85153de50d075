package io.github.daskjvm.client;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.ConversionException;
import io.github.daskjvm.worker.task.PythonCall;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A function of Python's that can be imported on the cluster's Python workers; [Client#python] makes it. Immutable.
///
/// ```java
/// Future<Double> root = client.<Double>python("math", "sqrt").submit(2.0);
/// Future<Long> rounded = client.<Long>python("builtins", "round").submit(root);
/// Future<Object> sorted = client.python("builtins", "sorted").keyword("reverse", true).submit(List.of(1, 3, 2));
/// ```
///
/// Values become their counterparts in Python and results those in Java, by the tables of
/// [io.github.daskjvm.worker.python.PythonWriter] and [io.github.daskjvm.worker.python.PythonReader]. Futures stand for
/// their results, be they of Java or Python tasks, also within lists, sets and the values of maps.
/// A function that is `async` is not awaited.
///
/// @param <R> what the result is in Java
public final class PythonFunction<R extends @Nullable Object> {
    private final Client client;
    private final String module;
    private final String function;
    private final Map<String, @Nullable Object> keywords;
    private final TaskOptions options;

    PythonFunction(
            Client client,
            String module,
            String function,
            Map<String, @Nullable Object> keywords,
            TaskOptions options) {
        this.client = client;
        this.module = module;
        this.function = function;
        this.keywords = keywords;
        this.options = options;
    }

    /// The function, with options for its tasks.
    public PythonFunction<R> with(TaskOptions asked) {
        return new PythonFunction<>(client, module, function, keywords, asked);
    }

    /// The function, with one more keyword argument.
    ///
    /// @param value a value or future, as the arguments are
    public PythonFunction<R> keyword(String name, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(keywords);
        more.put(name, value);
        return new PythonFunction<>(client, module, function, Collections.unmodifiableMap(more), options);
    }

    /// A task that calls it. Does not wait.
    ///
    /// @param arguments values and futures
    /// @throws IllegalArgumentException if a value has no counterpart in Python, naming its type, or a future is of
    ///     another client or closed
    /// @throws IllegalStateException without a connection to the scheduler
    public Future<R> submit(@Nullable Object... arguments) {
        return client.submitPython(this, Arrays.asList(arguments), options);
    }

    Payload call(String key, List<?> arguments, Map<String, @Nullable Object> resolvedKeywords)
            throws ConversionException {
        return PythonCall.payload(key, module, function, arguments, resolvedKeywords);
    }

    String function() {
        return function;
    }

    Map<String, @Nullable Object> keywords() {
        return keywords;
    }

    @Override
    public String toString() {
        return module + "." + function;
    }
}
