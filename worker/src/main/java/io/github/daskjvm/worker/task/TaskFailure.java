package io.github.daskjvm.worker.task;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A task's exception in the one form that both kinds of client read: the pickle of
/// `RuntimeError("java.lang.IllegalStateException: text\n\tat …")` whose attribute `java_throwable` is the
/// Java-serialized `Throwable`, and whose attributes `java_worker` and `java_class` are the address of the
/// worker and the name of the throwable's class. A Python client raises the `RuntimeError`; a Java client takes
/// the throwable out of the pickle, without reading pickles: it is the last thing in it, and has a marker before
/// it.
public final class TaskFailure {
    /// Dask's `distributed.admin.max-error-length`.
    private static final int TEXT_MAX_CHARS = 10_000;

    private static final int THROWABLE_MAX_BYTES = 1 << 20;
    private static final String ATTRIBUTE = "java_throwable";
    private static final String WORKER_ATTRIBUTE = "java_worker";
    private static final String TASK_ATTRIBUTE = "java_task";
    private static final String CLASS_ATTRIBUTE = "java_class";
    /// Pickle opcodes: the attribute's name as text, then a byte string.
    private static final byte[] MARKER = marker();
    /// Pickle opcodes: end of the attributes, set them, end of the pickle.
    private static final byte[] END = {'u', 'b', '.'};

    private static final byte[] UNEXPLAINED = Pickle.exception(
            "builtins", "RuntimeError", "the task failed, and there was no memory or stack left to say how");

    private TaskFailure() {}

    private static byte[] marker() {
        byte[] name = ATTRIBUTE.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(name.length + 6)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'X')
                .putInt(name.length)
                .put(name)
                .put((byte) 'B')
                .array();
    }

    /// The `exception` of `task-erred`.
    ///
    /// @param worker the address of the worker that the task ran on
    public static byte[] pickle(Throwable failure, String worker) {
        return pickle(failure, worker, null);
    }

    /// As [#pickle(Throwable, String)].
    ///
    /// @param task the key of the task that threw
    public static byte[] pickle(Throwable failure, String worker, @Nullable String task) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put(WORKER_ATTRIBUTE, worker);
        attributes.put(CLASS_ATTRIBUTE, failure.getClass().getName());
        if (task != null) {
            attributes.put(TASK_ATTRIBUTE, task);
        }
        byte[] serialized = serialized(failure);
        if (serialized != null) {
            attributes.put(ATTRIBUTE, serialized);
        }
        return Pickle.of(Pickle.callWithState(Pickle.global("builtins", "RuntimeError"), attributes, trace(failure)));
    }

    /// The worker that an exception of [#pickle] comes from; null for another.
    public static @Nullable String worker(@Nullable Object exception) {
        byte[] pickle = bytes(exception);
        List<String> texts = pickle == null ? List.of() : PickleText.of(pickle).values();
        return texts.size() >= 3 && texts.get(1).equals(WORKER_ATTRIBUTE) ? texts.get(2) : null;
    }

    /// The class of a pickled exception with its module, such as `builtins.ValueError`; empty if it can't be
    /// told.
    public static String className(@Nullable Object exception) {
        byte[] pickle = bytes(exception);
        return pickle == null ? "" : PickleText.of(pickle).className();
    }

    /// The key of the task that an exception of [#pickle] was thrown by; null if it does not say.
    public static @Nullable String task(@Nullable Object exception) {
        byte[] pickle = bytes(exception);
        List<String> texts = pickle == null ? List.of() : PickleText.of(pickle).values();
        for (int i = 1; i + 1 < texts.size() && i <= 5; i += 2) {
            if (texts.get(i).equals(TASK_ATTRIBUTE) && texts.get(1).equals(WORKER_ATTRIBUTE)) {
                return texts.get(i + 1);
            }
        }
        return null;
    }

    /// For a failure that could not even be described; made beforehand.
    public static byte[] unexplained() {
        return UNEXPLAINED.clone();
    }

    /// The `exception_text` of `task-erred`: class and message, at most 10 000 characters.
    public static String text(Throwable failure) {
        String text;
        try {
            text = failure.toString();
        } catch (RuntimeException | StackOverflowError e) {
            text = failure.getClass().getName();
        }
        return shortened(text == null ? failure.getClass().getName() : text);
    }

    /// The `traceback_text` of `task-erred`: the stack trace with causes, at most 10 000 characters.
    public static String trace(Throwable failure) {
        var text = new StringWriter();
        try {
            failure.printStackTrace(new PrintWriter(text));
        } catch (RuntimeException | StackOverflowError e) {
            text.append("(no stack trace: ").append(e.getClass().getName()).append(')');
        }
        return shortened(text.toString());
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_MAX_CHARS ? text : text.substring(0, TEXT_MAX_CHARS) + "…";
    }

    private static byte @Nullable [] serialized(Throwable failure) {
        try {
            List<byte[]> chunks = JavaCodec.serialize(failure);
            byte[] bytes = chunks.getFirst();
            return chunks.size() == 1 && bytes.length <= THROWABLE_MAX_BYTES ? bytes : null;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return null;
        }
    }

    /// The exception a Java client throws for an erred task: the task's own, with its stack trace from the
    /// worker, or a [RemoteTaskException] with the text.
    ///
    /// @param exception as received: bytes, a payload around bytes, or null
    /// @param text `exception_text` if it came along
    /// @param trace `traceback_text` if it came along
    public static Throwable restore(
            @Nullable Object exception, @Nullable String text, @Nullable String trace, ClassLoader loader) {
        byte[] pickle = bytes(exception);
        byte[] serialized = pickle == null ? null : attribute(pickle);
        if (serialized != null) {
            try {
                if (JavaCodec.deserialize(List.of(serialized), loader) instanceof Throwable original) {
                    return original;
                }
            } catch (IOException | LinkageError | StackOverflowError e) {
                // The class is not here: its text follows.
            }
        }
        PythonFailure python = pickle == null ? null : PythonFailure.read(pickle);
        if (python != null) {
            return new RemoteTaskException(
                    python.className(), python.describe(), trace == null || trace.isEmpty() ? python.trace() : trace);
        }
        PickleText described = PickleText.of(pickle == null ? new byte[0] : pickle);
        SchedulerFailure given = pickle == null ? null : SchedulerFailure.read(pickle);
        if (given != null) {
            return new RemoteTaskException(described.className(), given);
        }
        boolean ours =
                described.values().size() >= 3 && described.values().get(1).equals(WORKER_ATTRIBUTE);
        String message = ours ? described.values().getFirst() : described.describe();
        if (text != null && !text.isEmpty()) {
            message = text;
        }
        String className = ours ? message.lines().findFirst().orElse("").split(":", 2)[0] : described.className();
        return new RemoteTaskException(
                className, message.isEmpty() ? "the task failed" : message, trace == null ? "" : trace);
    }

    private static byte @Nullable [] bytes(@Nullable Object exception) {
        return switch (exception) {
            case byte[] bytes -> bytes;
            case Payload payload
            when payload.kind() == Payload.Kind.SERIALIZED && payload.frames().size() == 1 ->
                payload.frames().getFirst();
            case null, default -> null;
        };
    }

    private static byte @Nullable [] attribute(byte[] pickle) {
        for (int at = 0; at <= pickle.length - MARKER.length - 4 - END.length; at++) {
            if (startsWith(pickle, at, MARKER)) {
                int from = at + MARKER.length + 4;
                int length =
                        ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN).getInt(from - 4);
                if (length == pickle.length - from - END.length && startsWith(pickle, from + length, END)) {
                    return Arrays.copyOfRange(pickle, from, from + length);
                }
            }
        }
        return null;
    }

    private static boolean startsWith(byte[] bytes, int at, byte[] prefix) {
        return at >= 0
                && at + prefix.length <= bytes.length
                && Arrays.equals(bytes, at, at + prefix.length, prefix, 0, prefix.length);
    }
}
