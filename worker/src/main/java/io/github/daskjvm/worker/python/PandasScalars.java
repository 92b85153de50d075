package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PyNode;
import java.nio.ByteOrder;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Single values of pandas, and what [PythonWriter] makes of a [Table].
final class PandasScalars {
    private static final String TIMES = "pandas._libs.tslibs.";

    private PandasScalars() {}

    /// "Not a time", and what stands for any missing value.
    static boolean isMissing(@Nullable Object node) {
        return switch (node) {
            case PyNode.Global(String module, String name) ->
                module.equals("pandas._libs.missing") && name.equals("NA");
            case PyNode.Call call ->
                call.callable() instanceof PyNode.Global(String module, String name)
                        && module.equals(TIMES + "nattype")
                        && name.endsWith("nat_unpickle");
            case null, default -> false;
        };
    }

    /// @return null if it is none of them
    static @Nullable Object made(PythonReader reader, PyNode.Call call) throws ConversionException {
        List<@Nullable Object> arguments = call.argumentItems();
        if (call.isOf(TIMES + "timestamps", "_unpickle_timestamp") && arguments.size() == 4) {
            Object time = time(arguments.getFirst(), arguments.getLast(), false);
            Object zone = arguments.get(2);
            return zone == null || !(time instanceof LocalDateTime utc)
                    ? time
                    : utc.toInstant(ZoneOffset.UTC).atZone(zone(reader, zone));
        }
        if (call.isOf(TIMES + "timedeltas", "_timedelta_unpickle") && arguments.size() == 2) {
            return time(arguments.getFirst(), arguments.getLast(), true);
        }
        if (call.isOf("pandas", "array") && arguments.size() == 2) {
            return reader.value(arguments.getFirst());
        }
        if (call.isOf("pandas", "DataFrame") && !arguments.isEmpty()) {
            return table(reader, arguments);
        }
        return null;
    }

    /// @param unit by NumPy's numbers
    private static @Nullable Object time(@Nullable Object value, @Nullable Object unit, boolean span)
            throws ConversionException {
        long nanos = switch (unit) {
            case Long number when number == 10 -> 1;
            case Long number when number == 9 -> 1_000;
            case Long number when number == 8 -> 1_000_000;
            case Long number when number == 7 -> 1_000_000_000;
            case null, default -> throw new ConversionException("a time of pandas' of an unusual unit");
        };
        if (!(value instanceof Long count)) {
            throw new ConversionException("a time of pandas' is damaged");
        }
        return NumpyItems.time(count, new Dtype.Times(ByteOrder.LITTLE_ENDIAN, span, false, nanos));
    }

    static ZoneId zone(PythonReader reader, @Nullable Object node) throws ConversionException {
        if (node instanceof PyNode.Call call && call.callable() instanceof PyNode.Global made) {
            if (made.toString().equals("pytz._UTC")) {
                return ZoneOffset.UTC;
            }
            if (made.toString().equals("pytz._p")) {
                return ZoneId.of(String.valueOf(call.argumentItems().getFirst()));
            }
        }
        if (reader.value(node) instanceof ZoneId zone) {
            return zone;
        }
        throw PandasReader.refused("pandas.DatetimeTZDtype with an unusual zone");
    }

    private static Table table(PythonReader reader, List<@Nullable Object> arguments) throws ConversionException {
        Map<String, Object> columns = new LinkedHashMap<>();
        if (reader.value(arguments.getFirst()) instanceof Map<?, ?> map) {
            map.forEach((name, column) -> columns.put(String.valueOf(name), column == null ? List.of() : column));
        }
        if (arguments.size() == 2
                && arguments.get(1) instanceof PyNode.Call index
                && index.isOf("pandas", "Index")
                && index.argumentItems().size() == 4) {
            Object name = index.argumentItems().getLast();
            return new Table(
                    columns, reader.value(index.argumentItems().getFirst()), name == null ? null : name.toString());
        }
        return new Table(columns);
    }
}
