package io.github.daskjvm.worker.task;

import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// A task: a function and its arguments. As a `run_spec` it is a payload with the header
/// `{"serializer": "java", "java": "call"}`, whose first frame is the function and whose further frames are the
/// list of arguments, in the plain form if all of them have it (see [JavaCodec]), else Java-serialized. Tasks that
/// differ only in their arguments share the function's bytes, and a worker reads those once.
///
/// @param function a `Callable` (no arguments), `Runnable` (no arguments, null result), [SerializableFunction],
///     [SerializableBiFunction], [SerializableFunction3], [SerializableFunction4] or [SerializableVarFunction]
/// @param arguments a tree as [ArgumentTree] says, with [KeyReference]s for other tasks' results
public record TaskCall(Serializable function, List<? extends @Nullable Object> arguments) {
    /// The function's bytes, for [#payload]; one array serves any number of tasks.
    ///
    /// @throws java.io.NotSerializableException naming the class, captured by the lambda say, that is not
    ///     `Serializable`
    public static byte[] functionBytes(Serializable function) throws IOException {
        List<byte[]> chunks = JavaCodec.serialize(function);
        if (chunks.size() > 1) {
            throw new IOException(
                    "the function captures more than 64 MiB; scatter the data and pass it as an" + " argument");
        }
        return chunks.getFirst();
    }

    /// A `run_spec`.
    ///
    /// @param functionBytes from [#functionBytes]
    public static Payload payload(byte[] functionBytes, List<? extends @Nullable Object> arguments) throws IOException {
        List<byte[]> frames = JavaCodec.argumentFrames(arguments);
        if (frames.size() == 1) {
            return JavaCall.payload(List.of(functionBytes, frames.getFirst()));
        }
        var all = new ArrayList<byte[]>(frames.size() + 1);
        all.add(functionBytes);
        all.addAll(frames);
        return JavaCall.payload(all);
    }

    public Payload payload() throws IOException {
        return payload(functionBytes(function), arguments);
    }

    /// Whether the payload is a call that [#read] can read.
    public static boolean isCall(Payload payload) {
        if (JavaCall.isUsual(payload)) {
            return true;
        }
        try {
            return payload.frames().size() >= 2
                    && new MsgpackReader().whole(payload.header()) instanceof Map<?, ?> map
                    && JavaCodec.SERIALIZER.equals(map.get("serializer"))
                    && "call".equals(map.get("java"));
        } catch (IOException e) {
            return false;
        }
    }

    /// @throws MissingClassException if the function's class, or one of the arguments', is not there
    /// @throws IOException if the payload is no call, or is damaged
    public static TaskCall read(Payload payload, ClassLoader loader) throws IOException {
        if (!isCall(payload)) {
            throw new IOException("this task is not a Java task");
        }
        return new TaskCall(readFunction(payload.frames().getFirst(), loader), readArguments(payload, loader));
    }

    /// The function in a call's first frame.
    public static Serializable readFunction(byte[] functionBytes, ClassLoader loader) throws IOException {
        if (JavaCodec.deserialize(List.of(functionBytes), loader) instanceof Serializable function) {
            return function;
        }
        throw new IOException("the task's function is null");
    }

    /// The arguments in a call's other frames, unresolved.
    public static List<?> readArguments(Payload payload, ClassLoader loader) throws IOException {
        return readArguments(payload.frames().subList(1, payload.frames().size()), loader);
    }

    /// The arguments alone, unresolved.
    public static List<?> readArguments(List<byte[]> frames, ClassLoader loader) throws IOException {
        if (JavaCodec.arguments(frames, loader) instanceof List<?> arguments) {
            return arguments;
        }
        throw new IOException("the task's arguments are not a list");
    }

    /// Calls the function.
    ///
    /// @param resolved the arguments, references replaced
    /// @throws Exception what the function threw
    /// @throws IllegalArgumentException if the function is of no known kind, or takes another number of arguments
    @SuppressWarnings("unchecked")
    public static @Nullable Object invoke(Object function, List<@Nullable Object> resolved) throws Exception {
        int count = resolved.size();
        return switch (function) {
            case SerializableFunction<?, ?> one
            when count == 1 ->
                ((SerializableFunction<@Nullable Object, @Nullable Object>) one).apply(resolved.getFirst());
            case SerializableBiFunction<?, ?, ?> two
            when count == 2 ->
                ((SerializableBiFunction<@Nullable Object, @Nullable Object, @Nullable Object>) two)
                        .apply(resolved.getFirst(), resolved.getLast());
            case SerializableFunction3<?, ?, ?, ?> three
            when count == 3 ->
                ((SerializableFunction3<@Nullable Object, @Nullable Object, @Nullable Object, @Nullable Object>) three)
                        .apply(resolved.get(0), resolved.get(1), resolved.get(2));
            case SerializableFunction4<?, ?, ?, ?, ?> four
            when count == 4 ->
                ((SerializableFunction4<
                                        @Nullable Object,
                                        @Nullable Object,
                                        @Nullable Object,
                                        @Nullable Object,
                                        @Nullable Object>)
                                four)
                        .apply(resolved.get(0), resolved.get(1), resolved.get(2), resolved.get(3));
            case SerializableVarFunction<?> any -> any.apply(resolved);
            case Callable<?> none when count == 0 -> none.call();
            case Runnable none
            when count == 0 -> {
                none.run();
                yield null;
            }
            default ->
                throw new IllegalArgumentException("a task function of class "
                        + function.getClass().getName() + " cannot be called with " + count + " arguments");
        };
    }
}
