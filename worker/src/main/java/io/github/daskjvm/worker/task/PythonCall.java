package io.github.daskjvm.worker.task;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.PyNode.Global;
import io.github.daskjvm.pickle.PyNode.How;
import io.github.daskjvm.pickle.PyNode.Tuple;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.ConversionException;
import io.github.daskjvm.worker.python.PythonWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A task that calls a function of Python's, as the `run_spec` that stock workers take: a pickled
/// `dask._task_spec.Task`, made by that class's own constructor, whichever version the worker has.
///
/// A worker reads the pickle off the scheduler's stream, and would lose the stream if that failed. So function and
/// values are found only when the task runs: by `pkgutil.resolve_name`, and by `pickle.loads` where a value needs
/// anything imported. A module that is not there then fails the task and nothing else.
public final class PythonCall {
    private static final Global TASK = new Global("dask._task_spec", "Task");

    private PythonCall() {}

    /// @param key of the task
    /// @param function name in its module, with dots where it is within a class
    /// @param arguments values, and [KeyReference]s also within lists, sets and maps
    /// @param keywords likewise
    /// @throws ConversionException if a value has no counterpart in Python
    public static Payload payload(
            String key,
            String module,
            String function,
            List<? extends @Nullable Object> arguments,
            Map<String, ? extends @Nullable Object> keywords)
            throws ConversionException {
        @Nullable Object[] call = new Object[3 + arguments.size()];
        call[0] = key;
        call[1] = new Global("toolz.functoolz", "apply");
        call[2] = later(new Global("pkgutil", "resolve_name"), module + ":" + function);
        for (int i = 0; i < arguments.size(); i++) {
            call[3 + i] = argument(arguments.get(i));
        }
        try {
            return Payload.pickled(
                    PickleWriter.write(called(maker(keywords), call)).pickle());
        } catch (PickleFormatException e) {
            throw new ConversionException("the task " + key + " can not be written for Python: " + e.getMessage());
        }
    }

    /// The constructor, given the keywords beforehand: a call in a pickle has none.
    private static PyNode maker(Map<String, ? extends @Nullable Object> keywords) throws ConversionException {
        if (keywords.isEmpty()) {
            return TASK;
        }
        var dict = new PyNode.Dict();
        for (var keyword : keywords.entrySet()) {
            dict.put(keyword.getKey(), argument(keyword.getValue()));
        }
        PyNode.Call partial = called(new Global("functools", "partial"), TASK);
        partial.add(new PyNode.State(new Tuple(TASK, new Tuple(), dict, null)));
        return partial;
    }

    private static @Nullable Object argument(@Nullable Object value) throws ConversionException {
        if (value instanceof KeyReference reference) {
            return called(new Global("dask._task_spec", "TaskRef"), reference.keyValue());
        }
        if (!ArgumentTree.references(value).isEmpty()) {
            return called(new Global("dask._task_spec", "parse_input"), part(value));
        }
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Integer i -> i;
            case Long i -> i;
            case Double d -> d;
            case String text -> text;
            default -> later(new Global("pickle", "loads"), PythonWriter.pickle(value));
        };
    }

    /// A collection with references in it.
    private static @Nullable Object part(@Nullable Object value) throws ConversionException {
        return switch (value) {
            case List<?> list -> {
                var items = new PyNode.PyList();
                for (Object item : list) {
                    items.items().add(element(item));
                }
                yield items;
            }
            case Set<?> set -> {
                var items = new PyNode.PySet();
                for (Object item : set) {
                    items.items().add(element(item));
                }
                yield items;
            }
            case Map<?, ?> map -> {
                var dict = new PyNode.Dict();
                for (var entry : map.entrySet()) {
                    if (!(entry.getKey() instanceof String
                            || entry.getKey() instanceof Long
                            || entry.getKey() instanceof Integer)) {
                        throw new ConversionException("a map with futures in it must have strings or whole numbers for"
                                + " keys, to be an argument of a Python task");
                    }
                    dict.put(entry.getKey(), element(entry.getValue()));
                }
                yield dict;
            }
            case null, default -> argument(value);
        };
    }

    private static @Nullable Object element(@Nullable Object value) throws ConversionException {
        return value instanceof KeyReference || ArgumentTree.references(value).isEmpty()
                ? argument(value)
                : part(value);
    }

    /// What is called when the task runs.
    private static PyNode later(Global function, @Nullable Object argument) {
        return called(TASK, null, function, argument);
    }

    private static PyNode.Call called(PyNode callable, @Nullable Object... arguments) {
        return new PyNode.Call(How.REDUCE, callable, new Tuple(arguments), null);
    }
}
