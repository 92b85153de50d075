package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.PyNode.Global;
import io.github.daskjvm.pickle.PyNode.How;
import io.github.daskjvm.pickle.PyNode.Tuple;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.KeyReference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Java objects as a pickle that any Python reads, with the data of arrays beside it.
///
/// | Java | Python |
/// |---|---|
/// | null, `Boolean`, `String`, `Character` | None, bool, str |
/// | `Byte` to `Long`, `BigInteger`; `Float`, `Double`; [Complex] | int; float; complex |
/// | `BigDecimal`, `UUID` | Decimal, UUID |
/// | `byte[]`, `ByteBuffer` | bytes |
/// | `Collection` but `Set`, `Object[]` | list |
/// | `Set`, `Map`, `Optional` | set, dict, its value or None |
/// | `LocalDateTime`, `LocalDate`, `LocalTime`, `Duration` | datetime, date, time, timedelta, to the microsecond |
/// | `Instant`, `OffsetDateTime`, `ZonedDateTime` | datetime with its zone |
/// | [KeyReference] | the client's future of that key |
/// | `double[]`, `float[]`, `long[]`, `int[]`, `short[]`, `boolean[]`, [NdArray] | NumPy array |
/// | [Table] | pandas DataFrame |
///
/// and what a [PythonKind] on the class path adds. Anything else is refused with a sentence that names its type.
/// Reading an array needs NumPy there.
public final class PythonWriter {
    private static final int MAX_DEPTH = 500;
    private static final int LARGE_BYTES = 1 << 16;

    private final List<Object> buffers = new ArrayList<>();
    private final Map<Object, PyNode> nodes = new IdentityHashMap<>();
    private int depth;

    private final boolean inBand;

    /// @param inBand whether the data of arrays are in the pickle
    private PythonWriter(boolean inBand) {
        this.inBand = inBand;
    }

    /// A pickle that has the data of arrays in itself.
    ///
    /// @throws ConversionException if a part of it has no counterpart in Python
    public static byte[] pickle(@Nullable Object value) throws ConversionException {
        var writer = new PythonWriter(true);
        try {
            return PickleWriter.write(writer.node(value)).pickle();
        } catch (PickleFormatException e) {
            throw unreadable(e);
        }
    }

    /// @throws ConversionException if a part of it has no counterpart in Python
    public static Payload write(@Nullable Object value) throws ConversionException {
        return form(value).payload();
    }

    /// As [#write], with arrays that become bytes while they are sent.
    ///
    /// @throws ConversionException if a part of it has no counterpart in Python
    public static PythonForm form(@Nullable Object value) throws ConversionException {
        var writer = new PythonWriter(false);
        try {
            DaskForm ofDask = value instanceof byte[] bytes && bytes.length >= LARGE_BYTES
                    ? new DaskForm("builtins", "bytes", Map.of(), List.of(bytes))
                    : value == null ? null : PythonKinds.written(value);
            if (ofDask != null) {
                return new PythonForm(
                        ofDask.wholeHeader(),
                        ofDask.frames().stream().map(PythonForm.Frame::new).toList());
            }
            PickleWriter.Pieces written = PickleWriter.writePieces(writer.node(value));
            List<PythonForm.Frame> frames = new ArrayList<>();
            frames.add(new PythonForm.Frame(written.pieces()));
            List<Boolean> writeable = new ArrayList<>();
            for (int index : written.buffers()) {
                frames.add(new PythonForm.Frame(writer.buffers.get(index)));
                writeable.add(true);
            }
            return new PythonForm(Map.of("serializer", "pickle", "writeable", writeable), frames);
        } catch (PickleFormatException e) {
            throw unreadable(e);
        }
    }

    private static ConversionException unreadable(PickleFormatException e) {
        return new ConversionException("a value of Java can not be read in Python: " + e.getMessage(), e);
    }

    /// In place of a value that cannot be written: reading it raises a `TypeError` with that text in Python, by Dask's
    /// own family of serializers `error`, and an exception in Java.
    public static Payload failure(String text) {
        return Payload.serialized(Map.of("serializer", "error"), List.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private @Nullable Object node(@Nullable Object value) throws ConversionException {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Long i -> i;
            case Integer i -> i;
            case Short i -> (long) i;
            case Byte i -> (long) i;
            case BigInteger i -> i;
            case Double d -> d;
            case Float f -> (double) f;
            case Character c -> c.toString();
            case String text -> text;
            case byte[] bytes -> bytes;
            default -> composed(value);
        };
    }

    private @Nullable Object composed(Object value) throws ConversionException {
        PyNode known = nodes.get(value);
        if (known != null) {
            return known;
        }
        if (++depth > MAX_DEPTH) {
            throw new ConversionException("a value of Java is nested deeper than " + MAX_DEPTH + " levels");
        }
        Object node = collection(value);
        depth--;
        if (node instanceof PyNode made) {
            nodes.put(value, made);
        }
        return node;
    }

    private @Nullable Object collection(Object value) throws ConversionException {
        switch (value) {
            case Set<?> set -> {
                var items = new PyNode.PySet();
                for (Object item : set) {
                    items.items().add(key(item));
                }
                return items;
            }
            case Collection<?> list -> {
                var items = new PyNode.PyList();
                nodes.put(value, items);
                for (Object item : list) {
                    items.items().add(node(item));
                }
                return items;
            }
            case Object[] array -> {
                return collection(Arrays.asList(array));
            }
            case Map<?, ?> map -> {
                var dict = new PyNode.Dict();
                nodes.put(value, dict);
                for (var entry : map.entrySet()) {
                    dict.put(key(entry.getKey()), node(entry.getValue()));
                }
                return dict;
            }
            case Table table -> {
                return table(table);
            }
            case NdArray array -> {
                return array(array.type(), array.shape(), array.values());
            }
            default -> {
                DaskForm ofDask = PythonKinds.written(value);
                if (ofDask != null) {
                    return ofDask(ofDask);
                }
                return value.getClass().isArray() ? array(value) : scalar(value);
            }
        }
    }

    /// By what Dask has for everybody.
    private PyNode ofDask(DaskForm form) throws ConversionException {
        var frames = new PyNode.PyList();
        for (byte[] frame : form.frames()) {
            frames.items().add(inBand ? new PyNode.ByteArray(frame) : buffer(frame));
        }
        try {
            return call("distributed.protocol.serialize", "deserialize", node(form.wholeHeader()), frames);
        } catch (PickleFormatException e) {
            throw unreadable(e);
        }
    }

    /// By the constructors that pandas has for everybody.
    private PyNode table(Table table) throws ConversionException {
        var columns = new PyNode.Dict();
        for (var column : table.columns().entrySet()) {
            columns.put(column.getKey(), column(column.getValue()));
        }
        if (table.index() == null) {
            return call("pandas", "DataFrame", columns);
        }
        PyNode index = call("pandas", "Index", column(table.index()), null, false, table.indexName());
        return call("pandas", "DataFrame", columns, index);
    }

    /// Whole numbers and truth values of which some are missing have types of their own.
    private @Nullable Object column(Object values) throws ConversionException {
        if (values instanceof List<?> list && list.stream().anyMatch(Objects::isNull)) {
            boolean numbers = list.stream().allMatch(v -> v == null || v instanceof Long || v instanceof Integer);
            boolean truths = list.stream().allMatch(v -> v == null || v instanceof Boolean);
            if (numbers != truths) {
                return call("pandas", "array", node(values), numbers ? "Int64" : "boolean");
            }
        }
        return node(values);
    }

    /// Lists are tuples where Python wants what has a hash.
    private @Nullable Object key(@Nullable Object value) throws ConversionException {
        if (value instanceof List<?> list) {
            @Nullable Object[] items = new Object[list.size()];
            for (int i = 0; i < items.length; i++) {
                items[i] = key(list.get(i));
            }
            return new Tuple(items);
        }
        if (value instanceof Map<?, ?> || value instanceof Set<?>) {
            throw new ConversionException("a " + value.getClass().getName()
                    + " as the key of a map, or in a set, has no counterpart in Python, where it has no hash");
        }
        return node(value);
    }

    private Object array(Object values) throws ConversionException {
        NdArray.Type type = NdArray.Type.ofElement(values.getClass().getComponentType());
        if (type != null) {
            return array(type, new int[] {java.lang.reflect.Array.getLength(values)}, values);
        }
        throw refused(values);
    }

    /// A one-dimensional view of a buffer beside the pickle, given its shape.
    private PyNode array(NdArray.Type type, int[] shape, Object values) throws ConversionException {
        @Nullable Object[] lengths = new Object[shape.length];
        for (int i = 0; i < shape.length; i++) {
            lengths[i] = (long) shape[i];
        }
        if (java.lang.reflect.Array.getLength(values) == 0) {
            return call("numpy", "zeros", new Tuple(lengths), type.dtype());
        }
        PyNode data = inBand ? new PyNode.ByteArray(ArrayBytes.write(values, type.elementBytes())) : buffer(values);
        PyNode flat = call("numpy", "frombuffer", data, type.dtype());
        return shape.length == 1 ? flat : call("numpy", "reshape", flat, new Tuple(lengths));
    }

    private PyNode buffer(Object data) {
        buffers.add(data);
        return new PyNode.Buffer(buffers.size() - 1, false);
    }

    private @Nullable Object scalar(Object value) throws ConversionException {
        return switch (value) {
            case Complex number -> call("builtins", "complex", number.re(), number.im());
            case BigDecimal decimal -> call("decimal", "Decimal", decimal.toString());
            case UUID uuid -> call("uuid", "UUID", uuid.toString());
            case ByteBuffer buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                yield bytes;
            }
            case KeyReference reference -> call("distributed.client", "Future", key(reference.keyValue()));
            case Optional<?> optional -> node(optional.orElse(null));
            case LocalDate date -> date(date);
            case LocalTime time ->
                call(
                        "datetime",
                        "time",
                        (long) time.getHour(),
                        (long) time.getMinute(),
                        (long) time.getSecond(),
                        time.getNano() / 1000L);
            case LocalDateTime time -> dateTime(time, null, 0);
            case Instant instant -> dateTime(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), zone(ZoneOffset.UTC), 0);
            case OffsetDateTime time -> dateTime(time.toLocalDateTime(), zone(time.getOffset()), 0);
            case ZonedDateTime time ->
                dateTime(
                        time.toLocalDateTime(),
                        zone(time.getZone()),
                        time.equals(time.withEarlierOffsetAtOverlap()) ? 0 : 1);
            case Duration duration -> duration(duration);
            default -> throw refused(value);
        };
    }

    private static PyNode date(LocalDate date) throws ConversionException {
        if (date.getYear() < 1 || date.getYear() > 9999) {
            throw new ConversionException("the date " + date + " is beyond those that Python has");
        }
        return call(
                "datetime", "date", (long) date.getYear(), (long) date.getMonthValue(), (long) date.getDayOfMonth());
    }

    /// As Python's own pickles have it; `fold` is 1 for the second of two equal times, when clocks are put back.
    private static PyNode dateTime(LocalDateTime time, @Nullable PyNode zone, int fold) throws ConversionException {
        date(time.toLocalDate());
        int micros = time.getNano() / 1000;
        byte[] packed = {
            (byte) (time.getYear() >> 8),
            (byte) time.getYear(),
            (byte) (time.getMonthValue() | fold << 7),
            (byte) time.getDayOfMonth(),
            (byte) time.getHour(),
            (byte) time.getMinute(),
            (byte) time.getSecond(),
            (byte) (micros >> 16),
            (byte) (micros >> 8),
            (byte) micros
        };
        return zone == null ? call("datetime", "datetime", packed) : call("datetime", "datetime", packed, zone);
    }

    private static PyNode zone(ZoneId zone) {
        return zone instanceof ZoneOffset offset
                ? call("datetime", "timezone", duration(Duration.ofSeconds(offset.getTotalSeconds())))
                : call("zoneinfo", "ZoneInfo", zone.getId());
    }

    private static PyNode duration(Duration duration) {
        return call("datetime", "timedelta", 0L, duration.getSeconds(), duration.getNano() / 1000L);
    }

    private static PyNode call(String module, String name, @Nullable Object... arguments) {
        return new PyNode.Call(How.REDUCE, new Global(module, name), new Tuple(arguments), null);
    }

    private static ConversionException refused(Object value) {
        return new ConversionException("a " + value.getClass().getTypeName() + " of Java has no counterpart in Python;"
                + " return numbers, strings, arrays, lists, maps, dates or tables from tasks that Python reads");
    }
}
