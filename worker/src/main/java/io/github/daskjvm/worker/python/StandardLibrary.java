package io.github.daskjvm.worker.python;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.worker.task.KeyReference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Classes of Python's standard library, and futures of Dask's, that have a counterpart in Java, by what their pickles
/// call.
final class StandardLibrary {
    private StandardLibrary() {}

    /// @return null if it is none of them
    static @Nullable Object made(PythonReader reader, PyNode.Call call, PyNode.Global callable)
            throws ConversionException {
        List<@Nullable Object> arguments = call.argumentItems();
        try {
            return switch (callable.toString()) {
                case "datetime.datetime" -> dateTime(reader, arguments);
                case "datetime.date" ->
                    arguments.size() == 3
                            // As PythonWriter has it.
                            ? LocalDate.of(
                                    Math.toIntExact(number(arguments.get(0))),
                                    Math.toIntExact(number(arguments.get(1))),
                                    Math.toIntExact(number(arguments.get(2))))
                            : date(reader.bytes(arguments.getFirst()));
                case "datetime.time" -> time(reader, arguments);
                case "datetime.timedelta" ->
                    Duration.ofDays(number(arguments.get(0)))
                            .plusSeconds(number(arguments.get(1)))
                            .plusNanos(1000 * number(arguments.get(2)));
                case "datetime.timezone" -> {
                    if (!(reader.value(arguments.getFirst()) instanceof Duration offset)) {
                        throw new DateTimeException("its offset is no time delta");
                    }
                    yield ZoneOffset.ofTotalSeconds(Math.toIntExact(offset.toSeconds()));
                }
                case "zoneinfo.ZoneInfo._unpickle" -> ZoneId.of(String.valueOf(arguments.getFirst()));
                case "decimal.Decimal" -> new BigDecimal(String.valueOf(arguments.getFirst()));
                case "uuid.UUID" -> uuid(call);
                case "array._array_reconstructor" ->
                    NumpyReader.typed(String.valueOf(arguments.get(1)), reader.bytes(arguments.get(3)));
                case "builtins.complex" -> new Complex(real(arguments.get(0)), real(arguments.get(1)));
                case "builtins.bytes" -> reader.bytes(arguments.getFirst());
                case "distributed.client.Future" -> future(reader.value(arguments.getFirst()));
                case "collections.OrderedDict", "collections.defaultdict", "collections.Counter" -> map(reader, call);
                case "collections.deque" -> items(reader, call, new ArrayList<>());
                case "builtins.set", "builtins.frozenset" -> {
                    var set = new LinkedHashSet<@Nullable Object>();
                    for (Object item : arguments.isEmpty() ? List.of() : reader.list(arguments.getFirst())) {
                        set.add(PythonReader.key(reader.value(item)));
                    }
                    yield set;
                }
                default -> null;
            };
        } catch (DateTimeException | ArithmeticException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new ConversionException("a " + callable + " can not be read in Java: " + e.getMessage(), e);
        }
    }

    private static Object dateTime(PythonReader reader, List<@Nullable Object> arguments) throws ConversionException {
        byte[] b = reader.bytes(arguments.getFirst());
        LocalDateTime local = LocalDateTime.of(date(b), clock(b, 4));
        return arguments.size() == 1
                ? local
                : switch (reader.value(arguments.get(1))) {
                    case ZoneOffset offset -> OffsetDateTime.of(local, offset);
                    // The second of two equal times, when clocks are put back, is marked in the month's highest bit.
                    case ZoneId zone -> b[2] < 0 ? local.atZone(zone).withLaterOffsetAtOverlap() : local.atZone(zone);
                    case null, default -> throw new DateTimeException("its time zone is of an unknown class");
                };
    }

    private static LocalDate date(byte[] b) {
        return LocalDate.of((b[0] & 0xff) << 8 | b[1] & 0xff, b[2] & 0x7f, b[3]);
    }

    private static Object time(PythonReader reader, List<@Nullable Object> arguments) throws ConversionException {
        if (arguments.size() == 4) {
            // As PythonWriter has it.
            return LocalTime.of(
                    Math.toIntExact(number(arguments.get(0))),
                    Math.toIntExact(number(arguments.get(1))),
                    Math.toIntExact(number(arguments.get(2))),
                    Math.toIntExact(1000 * number(arguments.get(3))));
        }
        byte[] b = reader.bytes(arguments.getFirst());
        LocalTime local = clock(b, 0);
        if (arguments.size() == 1) {
            return local;
        }
        if (reader.value(arguments.get(1)) instanceof ZoneOffset offset) {
            return local.atOffset(offset);
        }
        throw new DateTimeException("its time zone is no fixed offset");
    }

    private static LocalTime clock(byte[] b, int from) {
        int micros = (b[from + 3] & 0xff) << 16 | (b[from + 4] & 0xff) << 8 | b[from + 5] & 0xff;
        return LocalTime.of(b[from] & 0x7f, b[from + 1], b[from + 2], 1000 * micros);
    }

    private static Object future(@Nullable Object key) {
        try {
            return new KeyReference(TaskKey.of(key));
        } catch (IllegalArgumentException e) {
            throw new NumberFormatException(e.getMessage());
        }
    }

    private static @Nullable Object uuid(PyNode.Call call) {
        if (call.argumentItems().size() == 1 && call.argumentItems().getFirst() instanceof String text) {
            try {
                return UUID.fromString(text);
            } catch (IllegalArgumentException e) {
                throw new NumberFormatException(e.getMessage());
            }
        }
        if (call.changes().size() == 1
                && call.changes().getFirst() instanceof PyNode.State(PyNode.Dict state)
                && state.get("int") instanceof Number number) {
            BigInteger bits = number instanceof BigInteger big ? big : BigInteger.valueOf(number.longValue());
            return new UUID(bits.shiftRight(Long.SIZE).longValue(), bits.longValue());
        }
        return null;
    }

    private static Map<@Nullable Object, @Nullable Object> map(PythonReader reader, PyNode.Call call)
            throws ConversionException {
        var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
        reader.remember(call, map);
        for (Object argument : call.argumentItems()) {
            if (argument instanceof PyNode.Dict dict) {
                reader.putAll(map, dict.flat());
            }
        }
        for (PyNode.Change change : call.changes()) {
            if (change instanceof PyNode.Put(var flat)) {
                reader.putAll(map, flat);
            }
        }
        return map;
    }

    private static List<@Nullable Object> items(PythonReader reader, PyNode.Call call, List<@Nullable Object> into)
            throws ConversionException {
        reader.remember(call, into);
        for (PyNode.Change change : call.changes()) {
            if (change instanceof PyNode.Appended(var items)) {
                for (Object item : items) {
                    into.add(reader.value(item));
                }
            }
        }
        return into;
    }

    private static double real(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new NumberFormatException("a number is wanted");
    }

    private static long number(@Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw new NumberFormatException("a whole number is wanted");
    }
}
