package io.github.daskjvm.worker.task;

import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.PythonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Java values as bytes and as payloads. Boxed values, strings, arrays of primitives and the JDK's collections of
/// these have a form of their own, in payloads whose header says `{"serializer": "java-plain"}`, see [PlainTag];
/// everything else is written by Java serialization, `{"serializer": "java"}`. A Python peer that opens either
/// reports an unknown serializer. A large `byte[]` is not copied: the frame is the array.
///
/// What is read is limited by a [SerialFilter], that of the loader if it is a [TaskLoader]; and what a broken
/// stream could make it allocate, by the number of bytes that came.
public final class JavaCodec {
    /// The serializer's name in headers.
    public static final String SERIALIZER = "java";

    /// The name of the plain form.
    public static final String PLAIN = "java-plain";

    /// What [#value] reads, as it is said in requests. Python takes the first that it can write, and would fail at
    /// Java's, which are therefore the last.
    public static final List<String> SERIALIZERS_READ = serializersRead();

    /// The number of each form; it changes with what is written. A program that writes another can not join.
    static final Map<String, Integer> FORMS = forms();

    private static final Map<String, String> HEADER = Map.of("serializer", SERIALIZER);
    private static final Map<String, String> PLAIN_HEADER = Map.of("serializer", PLAIN);
    /// Of a value that fits in one frame, as nearly all do.
    private static final byte[] USUAL_HEADER =
            Payload.serialized(HEADER, List.of(new byte[0])).header();

    private static final byte[] USUAL_PLAIN_HEADER =
            Payload.serialized(PLAIN_HEADER, List.of(new byte[0])).header();

    private static final int MAX_DEPTH = 10_000;
    private static final int SMALL_TEXT_MAX = 100;

    private JavaCodec() {}

    private static List<String> serializersRead() {
        var names = new ArrayList<>(List.of("dask", "pickle"));
        names.addAll(ValueSerializers.installed().keySet());
        names.add(PLAIN);
        names.add(SERIALIZER);
        return List.copyOf(names);
    }

    private static Map<String, Integer> forms() {
        Map<String, Integer> forms = new TreeMap<>(Map.of(SERIALIZER, 1, PLAIN, PlainTag.VERSION));
        ValueSerializers.installed().forEach((name, serializer) -> forms.put(name, serializer.form()));
        return forms;
    }

    /// A value as a payload: what `get_data`, `gather` and `scatter` carry.
    ///
    /// @throws NotSerializableException naming the class that does not implement `Serializable`
    /// @throws IOException what a `writeObject` of the value's own threw
    public static Payload payload(@Nullable Object value) throws IOException {
        return payload(value, SERIALIZERS_READ);
    }

    /// As [#payload(Object)], for one who reads only some forms.
    ///
    /// @param read names of serializers, as the request has them; Java's own is written if no other is among them
    public static Payload payload(@Nullable Object value, Collection<?> read) throws IOException {
        return payload(value, read, JavaCodec.class.getClassLoader());
    }

    /// As [#payload(Object, Collection)], by the serializer that goes with the loader, where it is read.
    ///
    /// @param loader a [TaskLoader] for another than Java's own
    public static Payload payload(@Nullable Object value, Collection<?> read, ClassLoader loader) throws IOException {
        List<byte[]> plain = read.contains(PLAIN) ? PlainWriter.write(value) : null;
        if (plain != null) {
            return plain.size() == 1
                    ? new Payload(Payload.Kind.SERIALIZED, USUAL_PLAIN_HEADER, plain)
                    : Payload.serialized(PLAIN_HEADER, plain);
        }
        ValueSerializer chosen = TaskLoader.serializerOf(loader);
        if (chosen != null && read.contains(chosen.name())) {
            List<byte[]> frames = chosen.write(value, new ValueClasses(loader));
            if (frames != null) {
                return Payload.serialized(Map.of("serializer", chosen.name()), frames);
            }
        }
        return Payload.serialized(HEADER, serialize(value));
    }

    /// The plain form of a boxed value or a short string, to be read by [#smallValue].
    ///
    /// @return at most a few hundred bytes; null for any other value
    public static byte @Nullable [] smallForm(@Nullable Object value) throws IOException {
        boolean small = switch (value) {
            case null -> true;
            case Integer i -> true;
            case Long l -> true;
            case Double d -> true;
            case Boolean b -> true;
            case String text -> text.length() <= SMALL_TEXT_MAX;
            case Float f -> true;
            case Character c -> true;
            case Short s -> true;
            case Byte b -> true;
            default -> false;
        };
        List<byte[]> frames = small ? PlainWriter.write(value) : null;
        return frames == null || frames.size() != 1 ? null : frames.getFirst();
    }

    /// As [#value], for the bytes of [#smallForm].
    public static @Nullable Object smallValue(byte[] form) throws IOException {
        return PlainReader.read(List.of(form));
    }

    /// The value in a payload: one that [#payload] made, or one that Python's Dask made of what has a
    /// counterpart in Java, see [PythonReader].
    ///
    /// @param loader finds the value's classes
    /// @throws MissingClassException if a class is not there
    /// @throws RejectedClassException if the filter refuses a class
    /// @throws IOException if the payload is no Java value and has no counterpart, or is damaged
    public static @Nullable Object value(Payload payload, ClassLoader loader) throws IOException {
        String form = form(payload);
        return switch (form) {
            case PLAIN -> PlainReader.read(payload.frames());
            case SERIALIZER -> deserialize(payload.frames(), loader);
            default -> {
                ValueSerializer other = ValueSerializers.installed().get(form);
                yield other == null
                        ? PythonReader.read(payload)
                        : other.read(payload.frames(), new ValueClasses(loader));
            }
        };
    }

    /// Whether the payload's header names one of Java's forms.
    public static boolean isJava(Payload payload) {
        String form = form(payload);
        return FORMS.containsKey(form);
    }

    /// Whether who names these serializers can read the payload; what came from Python is given to anyone.
    public static boolean isReadBy(Collection<?> read, Payload payload) {
        return !isJava(payload) || read.contains(form(payload));
    }

    /// Whether it is Java serialization alone, which [#read] reads.
    public static boolean isStream(Payload payload) {
        return form(payload).equals(SERIALIZER);
    }

    private static String form(Payload payload) {
        if (Arrays.equals(payload.header(), USUAL_PLAIN_HEADER)) {
            return PLAIN;
        }
        return Arrays.equals(payload.header(), USUAL_HEADER) ? SERIALIZER : String.valueOf(serializer(payload));
    }

    /// A task's arguments: as [#payload]'s frames, of whichever form; [#arguments] tells them apart.
    static List<byte[]> argumentFrames(List<?> arguments) throws IOException {
        List<byte[]> plain = PlainWriter.writeArguments(arguments);
        return plain == null ? serialize(arguments) : plain;
    }

    /// What [#argumentFrames] wrote.
    static @Nullable Object arguments(List<byte[]> frames, ClassLoader loader) throws IOException {
        return PlainReader.isPlain(frames) ? PlainReader.read(frames) : deserialize(frames, loader);
    }

    private static @Nullable Object serializer(Payload payload) {
        try {
            return new MsgpackReader().whole(payload.header()) instanceof Map<?, ?> map ? map.get("serializer") : null;
        } catch (IOException e) {
            return null;
        }
    }

    /// The header of a payload whose bytes, as [#write] makes them, are cut into so many frames.
    public static byte[] header(int frames) {
        return frames == 1
                ? USUAL_HEADER
                : Payload.serialized(HEADER, Collections.nCopies(frames, new byte[0]))
                        .header();
    }

    /// Java serialization alone, written as it is made, for values too large to be there twice. Does not close the
    /// stream.
    ///
    /// @throws NotSerializableException naming the class that does not implement `Serializable`
    /// @throws IOException what a `writeObject` of the value's own threw, or the stream
    public static void write(@Nullable Object value, OutputStream out) throws IOException {
        var objects = new ObjectOutputStream(out);
        objects.writeObject(value);
        objects.flush();
    }

    /// Java serialization alone.
    ///
    /// @return the stream in pieces of at most 64 MiB, at least one
    public static List<byte[]> serialize(@Nullable Object value) throws IOException {
        var chunks = new ByteChunks();
        try (var out = new ObjectOutputStream(chunks)) {
            out.writeObject(value);
        }
        return chunks.chunks();
    }

    /// As [#value], for what [#serialize] wrote.
    public static @Nullable Object deserialize(List<byte[]> chunks, ClassLoader loader) throws IOException {
        long size = 0;
        for (byte[] chunk : chunks) {
            size += chunk.length;
        }
        return read(ByteChunks.read(chunks), size, loader);
    }

    /// As [#value], for what [#write] wrote.
    ///
    /// @param sizeBytes how much that is
    public static @Nullable Object read(InputStream bytes, long sizeBytes, ClassLoader loader) throws IOException {
        return read(bytes, loader, new Limits(TaskLoader.filterOf(loader), sizeBytes));
    }

    /// As [#read], for what this process has written of an object of its own: no class of it came from others, so
    /// none is refused.
    public static @Nullable Object readOwn(InputStream bytes, long sizeBytes, ClassLoader loader) throws IOException {
        return read(bytes, loader, new Limits(null, sizeBytes));
    }

    private static @Nullable Object read(InputStream bytes, ClassLoader loader, Limits filter) throws IOException {
        try (var in = new Reader(bytes, loader, filter)) {
            return in.readObject();
        } catch (ClassNotFoundException e) {
            throw new MissingClassException(missing(e), e);
        } catch (NoClassDefFoundError e) {
            throw new MissingClassException(missing(e), e);
        } catch (InvalidClassException e) {
            throw filter.refused == null ? e : filter.rejection(filter.refused, e);
        } catch (IOException e) {
            throw new IOException("the value's bytes cannot be read: " + e, e);
        } catch (StackOverflowError e) {
            throw new IOException("the value is nested too deeply to be read", e);
        } catch (RuntimeException e) {
            throw lambdaFailure(e);
        }
    }

    private static String missing(Throwable e) {
        String message = e.getMessage();
        return message == null ? "of an unknown name" : message.replace('/', '.');
    }

    /// A lambda's class finds its method by name; where the two sides were compiled from different sources it
    /// fails with an `IllegalArgumentException` that says little.
    private static IOException lambdaFailure(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if ("Invalid lambda deserialization".equals(cause.getMessage())) {
                return new InvalidClassException(
                        "the lambda is not in the class of that name on this process's class path; sender and"
                                + " receiver must have the same version of the jar",
                        e);
            }
        }
        return new IOException("the value's bytes cannot be read: " + e, e);
    }

    /// The limits follow from the size: an array element or an object takes at least a byte in the stream, and
    /// collections ask for at most a small multiple of their elements. All arrays together are limited, since
    /// they can stand in one another.
    private static final class Limits implements ObjectInputFilter {
        private final @Nullable SerialFilter classes;
        private final long sizeBytes;
        private long elements;
        private @Nullable Class<?> refused;

        /// @param classes null for any
        Limits(@Nullable SerialFilter classes, long sizeBytes) {
            this.classes = classes;
            this.sizeBytes = sizeBytes;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            elements += Math.max(0, info.arrayLength());
            if (info.depth() > MAX_DEPTH
                    || info.references() > sizeBytes
                    || elements > 1024 + 16 * sizeBytes
                    || info.streamBytes() > sizeBytes) {
                return Status.REJECTED;
            }
            Status status = classes == null ? Status.UNDECIDED : classes.check(info);
            if (status == Status.REJECTED && refused == null) {
                refused = info.serialClass();
            }
            return status;
        }

        RejectedClassException rejection(Class<?> type, InvalidClassException cause) {
            String reason = classes == null ? "" : classes.reason(type);
            return new RejectedClassException(type.getName(), reason, cause);
        }
    }

    /// Classes by the given loader.
    private static final class Reader extends ObjectInputStream {
        private final ClassLoader loader;

        Reader(InputStream in, ClassLoader loader, ObjectInputFilter filter) throws IOException {
            super(in);
            this.loader = loader;
            setObjectInputFilter(filter);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            String name = description.getName();
            try {
                return TaskLoader.find(name, loader);
            } catch (ClassNotFoundException e) {
                Class<?> primitive = Class.forPrimitiveName(name);
                if (primitive != null) {
                    return primitive;
                }
                throw e;
            }
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws ClassNotFoundException {
            Class<?>[] classes = new Class<?>[interfaces.length];
            for (int i = 0; i < interfaces.length; i++) {
                classes[i] = TaskLoader.find(interfaces[i], loader);
            }
            ClassLoader definer = loader;
            for (Class<?> each : classes) {
                // One that is not public can be implemented beside it only.
                if (!Modifier.isPublic(each.getModifiers()) && each.getClassLoader() != null) {
                    definer = each.getClassLoader();
                }
            }
            return Proxy.newProxyInstance(definer, classes, (proxy, method, arguments) -> null)
                    .getClass();
        }
    }
}
