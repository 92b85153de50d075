package io.github.daskjvm.worker.task;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An exception of Python's as Dask's workers pickle it, with its traceback: by `tblib`, whose form is
/// `unpickle_exception(class, arguments, cause, traceback, …)`. It is read as structure; nothing runs.
///
/// @param className with its module, as in `builtins.ValueError`
/// @param message its arguments as text
/// @param trace as Python prints a traceback, without source lines; empty if it has none
record PythonFailure(String className, String message, String trace) {
    private static final String HELPERS = "tblib.pickling_support";
    private static final int FRAMES_MAX = 200;

    /// @return null if the pickle is no such exception
    static @Nullable PythonFailure read(byte[] pickle) {
        try {
            if (PickleParser.parse(pickle) instanceof PyNode.Call call
                    && call.argumentItems().size() >= 2
                    && call.argumentItems().getFirst() instanceof PyNode.Global type
                    && arguments(call) instanceof PyNode.Tuple arguments) {
                List<@Nullable Object> parts = call.argumentItems();
                return new PythonFailure(
                        type.toString(), text(arguments.items()), trace(parts.size() > 3 ? parts.get(3) : null));
            }
        } catch (PickleFormatException e) {
            // Described by other means.
        }
        return null;
    }

    /// Of a class with a constructor of its own later versions have the attributes instead.
    private static @Nullable Object arguments(PyNode.Call call) {
        Object second = call.argumentItems().get(1);
        if (call.isOf(HELPERS, "unpickle_exception")) {
            return second;
        }
        return call.isOf(HELPERS, "unpickle_exception_with_attrs") && second instanceof PyNode.Dict attributes
                ? attributes.get("args")
                : null;
    }

    /// As in `ValueError: math domain error`.
    String describe() {
        String simple = className.substring(className.lastIndexOf('.') + 1);
        return message.isEmpty() ? simple : simple + ": " + message;
    }

    private static String text(List<@Nullable Object> arguments) {
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            texts.add(
                    argument instanceof PyNode
                            ? "…"
                            : argument instanceof byte[] ? "(bytes)" : String.valueOf(argument));
        }
        return String.join(", ", texts);
    }

    private static String trace(@Nullable Object traceback) {
        var text = new StringBuilder();
        Object next = traceback;
        for (int i = 0; i < FRAMES_MAX && next instanceof PyNode.Call call; i++) {
            Object frame;
            Object line;
            if (call.isOf(HELPERS, "unpickle_traceback") && call.argumentItems().size() >= 3) {
                frame = call.argumentItems().get(0);
                line = call.argumentItems().get(1);
                next = call.argumentItems().get(2);
            } else {
                frame = attribute(call, "tb_frame");
                line = attribute(call, "tb_lineno");
                next = attribute(call, "tb_next");
            }
            Object code = attribute(frame, "f_code");
            text.append(text.isEmpty() ? "Traceback (most recent call last):\n" : "")
                    .append("  File \"")
                    .append(attribute(code, "co_filename"))
                    .append("\", line ")
                    .append(line)
                    .append(", in ")
                    .append(attribute(code, "co_name"))
                    .append('\n');
        }
        return text.toString();
    }

    /// Of an object whose state is its attributes.
    static @Nullable Object attribute(@Nullable Object object, String name) {
        if (object instanceof PyNode.Call call) {
            for (PyNode.Change change : call.changes()) {
                if (change instanceof PyNode.State(PyNode.Dict attributes)) {
                    return attributes.get(name);
                }
                if (change instanceof PyNode.State(PyNode.Tuple both)
                        && both.items().size() == 2
                        && both.items().get(1) instanceof PyNode.Dict slots) {
                    return slots.get(name);
                }
            }
        }
        return null;
    }
}
