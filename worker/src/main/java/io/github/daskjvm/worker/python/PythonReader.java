package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.PickleReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A value that Python's Dask serialized, as Java objects.
///
/// | Python | Java |
/// |---|---|
/// | None, bool, str | null, `Boolean`, `String` |
/// | int, float, complex | `Long`, beyond 64 bits `BigInteger`; `Double`; [Complex] |
/// | bytes, bytearray | `byte[]`, as a key `ByteBuffer` |
/// | list, tuple, deque | `List` |
/// | dict, OrderedDict, defaultdict, Counter | `LinkedHashMap` |
/// | set, frozenset | `LinkedHashSet` |
/// | datetime, date, time, timedelta | `LocalDateTime`, with a zone `OffsetDateTime` or `ZonedDateTime`; `LocalDate`,
/// `LocalTime`, `Duration` |
/// | Decimal, UUID | `BigDecimal`, `UUID` |
/// | a client's future | [io.github.daskjvm.worker.task.KeyReference] |
/// | array of the module `array` | as NumPy's |
/// | NumPy scalar | `Boolean`, `Byte` to `Long`, `Float`, `Double`, [Complex]; unsigned ones the next larger type |
/// | NumPy array | `double[]`, `float[]`, `long[]`, `int[]`, `short[]`, `boolean[]`; of other types or dimensions
/// [NdArray] |
/// | NumPy array of strings, bytes, objects | `List`, as all that follow without dimensions one item |
/// | NumPy array of datetime64, timedelta64 | `List` of `LocalDateTime`, of days and weeks `LocalDate`; of `Duration`;
/// null
/// for NaT |
/// | NumPy array of records | [Table] |
/// | NumPy masked array | `List`, with null for what is masked |
/// | pandas DataFrame, Series | [Table] |
/// | pandas Timestamp, Timedelta, NaT and NA | as datetime, timedelta; null |
///
/// Anything else is refused with a sentence that names its type.
public final class PythonReader {
    private static final int MAX_DEPTH = 500;

    private final List<byte[]> buffers;
    private final @Nullable Function<@Nullable Object, ? extends @Nullable Object> results;
    private final Map<PyNode, @Nullable Object> values = new IdentityHashMap<>();
    private int depth;

    private PythonReader(
            List<byte[]> buffers, @Nullable Function<@Nullable Object, ? extends @Nullable Object> results) {
        this.buffers = buffers;
        this.results = results;
    }

    /// @throws ConversionException if a part of it has no counterpart in Java, or is damaged
    public static @Nullable Object read(Payload payload) throws ConversionException {
        try {
            return read(PayloadFrames.header(payload), PayloadFrames.logical(payload));
        } catch (BadMessageException | PickleFormatException e) {
            throw new ConversionException("a value of Python can not be read in Java: " + e.getMessage(), e);
        }
    }

    /// A pickle of `dask_jvm`, in which calls of `dask_jvm.calls.ResultOf` stand for what is elsewhere.
    ///
    /// @param results what a call stands for, by its argument
    /// @throws ConversionException if a part of it has no counterpart in Java, or is damaged
    public static @Nullable Object read(Payload payload, Function<@Nullable Object, ? extends @Nullable Object> results)
            throws ConversionException {
        try {
            return unpickled(PayloadFrames.logical(payload), results);
        } catch (BadMessageException | PickleFormatException e) {
            throw new ConversionException("a value of Python can not be read in Java: " + e.getMessage(), e);
        }
    }

    private static @Nullable Object read(Map<?, ?> header, List<byte[]> frames)
            throws ConversionException, PickleFormatException, BadMessageException {
        if (Boolean.TRUE.equals(header.get("is-collection"))) {
            return collection(header, frames);
        }
        return switch (String.valueOf(header.get("serializer"))) {
            case "pickle" -> unpickled(frames, null);
            case "dask" -> ofDask(header, frames);
            case "error" -> throw new ConversionException(new String(joined(frames), StandardCharsets.UTF_8));
            default ->
                throw new ConversionException(
                        "a value of Python serialized with " + header.get("serializer") + " can not be read in Java");
        };
    }

    /// A list, tuple, set or dict whose parts are serialized one by one.
    private static Object collection(Map<?, ?> header, List<byte[]> frames)
            throws ConversionException, PickleFormatException, BadMessageException {
        if (!(header.get("sub-headers") instanceof List<?> parts)
                || !(header.get("frame-lengths") instanceof List<?> counts)
                || parts.size() != counts.size()) {
            throw new ConversionException("a collection of Python's has a damaged header");
        }
        List<@Nullable Object> items = new ArrayList<>();
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        int from = 0;
        for (int i = 0; i < parts.size(); i++) {
            if (!(parts.get(i) instanceof Map<?, ?> part)
                    || !(counts.get(i) instanceof Long count)
                    || count < 0
                    || count > frames.size() - from) {
                throw new ConversionException("a collection of Python's has a damaged header");
            }
            Object value = read(part, frames.subList(from, from + (int) (long) count));
            from += (int) (long) count;
            items.add(value);
            map.put(part.get("key"), value);
        }
        return switch (String.valueOf(header.get("type-serialized"))) {
            case "dict" -> map;
            case "set" -> new LinkedHashSet<>(items);
            case "tuple" -> Collections.unmodifiableList(items);
            default -> items;
        };
    }

    private static @Nullable Object ofDask(Map<?, ?> header, List<byte[]> frames)
            throws ConversionException, PickleFormatException {
        String type = String.valueOf(header.get("type"));
        Map<?, ?> part = header.get("sub-header") instanceof Map<?, ?> map ? map : Map.of();
        return switch (type) {
            case "numpy.ndarray", "numpy.matrix" ->
                Boolean.TRUE.equals(part.get("pickle")) ? unpickled(frames, null) : NumpyReader.array(part, frames);
            case "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray" -> NumpyReader.masked(part, frames);
            case "array.array" -> NumpyReader.typed(String.valueOf(part.get("typecode")), joined(frames));
            case "builtins.bytes", "builtins.bytearray", "builtins.memoryview", "numpy.bytes_", "bytes", "bytearray" ->
                joined(frames);
            default -> {
                PythonKind kind = PythonKinds.reading(type);
                if (kind == null) {
                    throw refused(type);
                }
                yield kind.read(type, part, frames);
            }
        };
    }

    private static byte[] joined(List<byte[]> frames) {
        if (frames.size() == 1) {
            return frames.getFirst();
        }
        var out = new java.io.ByteArrayOutputStream();
        frames.forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static @Nullable Object unpickled(
            List<byte[]> frames, @Nullable Function<@Nullable Object, ? extends @Nullable Object> results)
            throws ConversionException, PickleFormatException {
        if (frames.isEmpty()) {
            throw new ConversionException("a value of Python came without its pickle");
        }
        return new PythonReader(frames.subList(1, frames.size()), results).value(PickleParser.parse(frames.getFirst()));
    }

    /// From its own pickle.
    static Dtype dtype(byte[] pickle) throws ConversionException, PickleFormatException {
        return Dtype.of(new PythonReader(List.of(), null), PickleParser.parse(pickle));
    }

    static String ascii(byte[] text) {
        return new String(text, StandardCharsets.US_ASCII);
    }

    /// What a part of a pickle stands for.
    @Nullable
    Object value(@Nullable Object parsed) throws ConversionException {
        if (!(parsed instanceof PyNode node)) {
            return parsed;
        }
        if (values.containsKey(node)) {
            Object value = values.get(node);
            if (value == node) {
                throw new ConversionException("a value of Python that contains itself can not be read in Java");
            }
            return value;
        }
        if (++depth > MAX_DEPTH) {
            throw new ConversionException("a value of Python is nested deeper than " + MAX_DEPTH + " levels");
        }
        values.put(node, node);
        Object value = read(node);
        values.put(node, value);
        depth--;
        return value;
    }

    /// Says what a node that may contain itself becomes, before its parts are read.
    void remember(PyNode node, Object value) {
        values.put(node, value);
    }

    private @Nullable Object read(PyNode node) throws ConversionException {
        return switch (node) {
            case PyNode.Tuple tuple -> Collections.unmodifiableList(all(new ArrayList<>(), tuple.items()));
            case PyNode.PyList list -> {
                List<@Nullable Object> items = new ArrayList<>();
                remember(list, items);
                yield all(items, list.items());
            }
            case PyNode.Dict dict -> {
                Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
                remember(dict, map);
                yield putAll(map, dict.flat());
            }
            case PyNode.PySet set -> keys(set.items());
            case PyNode.FrozenSet set -> keys(set.items());
            case PyNode.ByteArray(byte[] bytes) -> bytes;
            case PyNode.Buffer buffer -> bytes(buffer);
            case PyNode.Global global -> {
                if (PandasScalars.isMissing(global)) {
                    yield null;
                }
                throw refused(global.toString());
            }
            case PyNode.Call call -> called(call);
        };
    }

    private @Nullable Object called(PyNode.Call call) throws ConversionException {
        if (results != null
                && call.isOf("dask_jvm.calls", "ResultOf")
                && call.argumentItems().size() == 1) {
            return results.apply(value(call.argumentItems().getFirst()));
        }
        if (call.isOf("distributed.protocol.serialize", "deserialize")
                && call.argumentItems().size() == 2) {
            return ofParts(call.argumentItems());
        }
        if (PandasScalars.isMissing(call)) {
            return null;
        }
        Object made = NumpyReader.made(this, call);
        if (made == NumpyReader.NOTHING) {
            return null;
        }
        if (made == null) {
            made = PandasReader.made(this, call);
        }
        PyNode.Global callable = callable(call);
        if (made == null && callable != null) {
            made = StandardLibrary.made(this, call, callable);
        }
        if (made == null) {
            throw refused(typeOf(call));
        }
        return made;
    }

    /// A value in the form that Dask's own serializers give it, inside a pickle: header and frames.
    private @Nullable Object ofParts(List<@Nullable Object> arguments) throws ConversionException {
        List<byte[]> frames = new ArrayList<>();
        for (Object frame : list(arguments.getLast())) {
            frames.add(bytes(frame));
        }
        try {
            return read(value(arguments.getFirst()) instanceof Map<?, ?> header ? header : Map.of(), frames);
        } catch (PickleFormatException | BadMessageException e) {
            throw new ConversionException("a value of Python can not be read in Java: " + e.getMessage(), e);
        }
    }

    /// What is called, where it has a name; class methods are looked up by a call of their own.
    private static PyNode.@Nullable Global callable(PyNode.Call call) {
        return switch (call.callable()) {
            case PyNode.Global global -> global;
            case PyNode.Call lookup
            when lookup.isOf("builtins", "getattr")
                    && lookup.argumentItems().size() == 2
                    && lookup.argumentItems().getFirst() instanceof PyNode.Global type ->
                new PyNode.Global(
                        type.module(),
                        type.name() + "." + lookup.argumentItems().getLast());
            case null, default -> null;
        };
    }

    /// The class of an object, by what makes it.
    private static String typeOf(PyNode.Call call) {
        PyNode.Global callable = callable(call);
        List<@Nullable Object> arguments = call.argumentItems();
        boolean helper = callable != null
                && (callable.module().equals("copyreg") || callable.name().startsWith("_"));
        if (helper && !arguments.isEmpty() && arguments.getFirst() instanceof PyNode.Global type) {
            return type.toString();
        }
        return callable == null ? "value of a class that travels with it" : callable.toString();
    }

    private static ConversionException refused(String type) {
        if (type.startsWith("pyarrow.lib.")) {
            return new ConversionException("a " + type + " of Python has no counterpart in Java but where the module"
                    + " arrow is on the class path, which reads whole tables and record batches");
        }
        return new ConversionException("a " + type + " of Python has no counterpart in Java; return numbers, strings,"
                + " bytes, lists, dicts, dates, NumPy arrays or data frames from tasks that Java reads");
    }

    private List<@Nullable Object> all(List<@Nullable Object> into, List<@Nullable Object> items)
            throws ConversionException {
        for (Object item : items) {
            into.add(value(item));
        }
        return into;
    }

    private Object keys(List<@Nullable Object> items) throws ConversionException {
        var set = new LinkedHashSet<@Nullable Object>();
        for (Object item : items) {
            set.add(key(value(item)));
        }
        return set;
    }

    Map<@Nullable Object, @Nullable Object> putAll(
            Map<@Nullable Object, @Nullable Object> map, List<@Nullable Object> flat) throws ConversionException {
        for (int i = 0; i < flat.size(); i += 2) {
            map.put(key(value(flat.get(i))), value(flat.get(i + 1)));
        }
        return map;
    }

    static @Nullable Object key(@Nullable Object value) throws ConversionException {
        try {
            PickleReader.checkKey(value);
        } catch (BadMessageException e) {
            throw new ConversionException(String.valueOf(e.getMessage()), e);
        }
        return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes).asReadOnlyBuffer() : value;
    }

    /// The items of a tuple, list or set, not yet read.
    List<@Nullable Object> list(@Nullable Object node) throws ConversionException {
        return switch (node) {
            case PyNode.Tuple tuple -> tuple.items();
            case PyNode.PyList list -> list.items();
            case null, default -> throw new ConversionException("a damaged pickle: a tuple is wanted");
        };
    }

    /// The bytes of a byte string, or of a buffer beside the pickle.
    byte[] bytes(@Nullable Object node) throws ConversionException {
        return switch (node) {
            case byte[] bytes -> bytes;
            case PyNode.ByteArray(byte[] bytes) -> bytes;
            case PyNode.Buffer buffer when buffer.index() < buffers.size() -> buffers.get(buffer.index());
            // As protocol 4 has a bytearray.
            case PyNode.Call call
            when call.isOf("builtins", "bytearray") ->
                call.argumentItems().isEmpty()
                        ? new byte[0]
                        : bytes(call.argumentItems().getFirst());
            case null, default -> throw new ConversionException("a damaged pickle: bytes are wanted");
        };
    }
}
