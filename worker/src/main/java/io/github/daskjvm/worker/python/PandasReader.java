package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PyNode;
import java.lang.reflect.Array;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Data frames and series of pandas 2, by the parts of their pickles: a manager of blocks, each an array of some of the
/// columns, and an index of each axis.
final class PandasReader {
    private final PythonReader reader;

    private PandasReader(PythonReader reader) {
        this.reader = reader;
    }

    /// What a call in a pickle makes, if it is a frame or series; otherwise null.
    static @Nullable Object made(PythonReader reader, PyNode.Call call) throws ConversionException {
        boolean frame = call.isOf("pandas.core.frame", "DataFrame");
        try {
            if (!frame && !call.isOf("pandas.core.series", "Series")) {
                return PandasScalars.made(reader, call);
            }
            var pandas = new PandasReader(reader);
            return frame ? pandas.frame(attributes(call)) : pandas.series(attributes(call));
        } catch (ClassCastException
                | IndexOutOfBoundsException
                | NullPointerException
                | NegativeArraySizeException
                | IllegalArgumentException
                | java.time.DateTimeException e) {
            throw new ConversionException(
                    "a " + call.callable() + " is not in the form in which pandas 2 pickles it", e);
        }
    }

    private Table frame(PyNode.Dict state) throws ConversionException {
        List<@Nullable Object> manager = call(state.get("_mgr")).argumentItems();
        List<@Nullable Object> axes = reader.list(manager.get(1));
        List<?> names = NumpyItems.boxed(index(axes.get(0)));
        @Nullable Object[] columns = new Object[names.size()];
        for (Object each : reader.list(manager.get(0))) {
            List<@Nullable Object> block = call(each).argumentItems();
            int[] places = places(block.get(1));
            List<Object> parts = columns(block.get(0), places.length);
            for (int i = 0; i < places.length; i++) {
                columns[places[i]] = parts.get(i);
            }
        }
        Map<String, Object> byName = new LinkedHashMap<>();
        for (int i = 0; i < columns.length; i++) {
            Object column = columns[i];
            if (column == null || byName.put(String.valueOf(names.get(i)), column) != null) {
                throw new ConversionException(
                        "a DataFrame with two columns of the name " + names.get(i) + " can not be read in Java");
            }
        }
        return table(byName, axes.get(1));
    }

    private Table series(PyNode.Dict state) throws ConversionException {
        List<@Nullable Object> manager = tuple(state(call(state.get("_mgr"))));
        Object values = columns(reader.list(manager.get(1)).getFirst(), 1).getFirst();
        Object name = reader.value(state.get("_name"));
        return table(
                Map.of(name == null ? "values" : name.toString(), values),
                reader.list(manager.get(0)).getFirst());
    }

    private Table table(Map<String, Object> columns, @Nullable Object indexNode) throws ConversionException {
        PyNode.Dict parts = (PyNode.Dict) call(indexNode).argumentItems().get(1);
        Object name = parts == null ? null : reader.value(parts.get("name"));
        boolean plain = parts != null
                && parts.get("data") == null
                && Long.valueOf(0).equals(parts.get("start"))
                && Long.valueOf(1).equals(parts.get("step"));
        return new Table(columns, plain ? null : index(indexNode), name == null ? null : name.toString());
    }

    private Object index(@Nullable Object node) throws ConversionException {
        List<@Nullable Object> arguments = call(node).argumentItems();
        PyNode.Global type = (PyNode.Global) arguments.get(0);
        PyNode.Dict parts = (PyNode.Dict) arguments.get(1);
        if (type == null || parts == null || type.name().equals("MultiIndex")) {
            throw new ConversionException(
                    "a pandas index of several levels can not be read in Java; make columns of it, with reset_index");
        }
        if (parts.get("data") != null) {
            return columns(parts.get("data"), 1).getFirst();
        }
        if (!(parts.get("start") instanceof Long start)
                || !(parts.get("stop") instanceof Long stop)
                || !(parts.get("step") instanceof Long step)) {
            throw refused(type.toString());
        }
        long[] range = new long[Math.toIntExact(Math.max(0, Math.ceilDiv(stop - start, step)))];
        for (int i = 0; i < range.length; i++) {
            range[i] = start + i * step;
        }
        return range;
    }

    private int[] places(@Nullable Object node) throws ConversionException {
        if (node instanceof PyNode.Call slice && slice.isOf("builtins", "slice")) {
            int start = Math.toIntExact((Long) slice.argumentItems().get(0));
            int stop = Math.toIntExact((Long) slice.argumentItems().get(1));
            int step = Math.toIntExact((Long) slice.argumentItems().get(2));
            int[] places = new int[Math.max(0, Math.ceilDiv(stop - start, step))];
            Arrays.setAll(places, i -> start + i * step);
            return places;
        }
        long[] indexes = (long[]) reader.value(node);
        return Arrays.stream(indexes).mapToInt(Math::toIntExact).toArray();
    }

    /// The columns of a block, each an array or list.
    private List<Object> columns(@Nullable Object node, int count) throws ConversionException {
        PyNode.Call call = call(node);
        if (!(call.callable() instanceof PyNode.Global callable)) {
            throw refused("block of unusual class");
        }
        if (callable.name().equals("__pyx_unpickle_NDArrayBacked")) {
            return backed((PyNode.Global) call.argumentItems().getFirst(), tuple(state(call)), count);
        }
        if (callable.module().startsWith("numpy")) {
            if (callable.name().equals("_reconstruct") && tuple(state(call)).get(4) instanceof PyNode.PyList) {
                return objects(call, count);
            }
            return split(reader.value(call), count);
        }
        if (callable.module().startsWith("pandas.core.arrays") && state(call) instanceof PyNode.Dict masked) {
            if (masked.get("_data") != null && masked.get("_mask") != null) {
                return List.of(masked(masked));
            }
            Object ofPyarrow = masked.get(masked.get("_pa_array") != null ? "_pa_array" : "_data");
            if (ofPyarrow != null) {
                return List.of(PyarrowColumns.column(reader, ofPyarrow));
            }
        }
        throw refused(callable.toString());
    }

    private List<Object> backed(PyNode.Global type, List<@Nullable Object> state, int count)
            throws ConversionException {
        // The order of the two is another for those that have a dtype of their own.
        PyNode.Call dtype = call(state.get(0));
        PyNode.Call array = call(state.get(1));
        return switch (type.name()) {
            case "DatetimeArray" -> times(array, zone(dtype), count);
            case "TimedeltaArray" -> times(array, null, count);
            case "Categorical" -> List.of(categories(dtype, array));
            case "StringArray" -> objects(array, count);
            case "NumpyExtensionArray" -> columns(array, count);
            default -> throw refused(type.toString());
        };
    }

    private List<@Nullable Object> categories(PyNode.Call dtype, PyNode.Call array) throws ConversionException {
        List<?> categories = NumpyItems.boxed(index(attributes(dtype).get("categories")));
        List<@Nullable Object> rows = new ArrayList<>();
        for (Object code : NumpyItems.boxed(reader.value(array))) {
            int number = code == null ? -1 : ((Number) code).intValue();
            rows.add(number < 0 ? null : categories.get(number));
        }
        return rows;
    }

    private List<@Nullable Object> masked(PyNode.Dict parts) throws ConversionException {
        List<@Nullable Object> rows = NumpyItems.boxed(reader.value(parts.get("_data")));
        boolean[] missing = (boolean[]) reader.value(parts.get("_mask"));
        for (int i = 0; missing != null && i < missing.length; i++) {
            if (missing[i]) {
                rows.set(i, null);
            }
        }
        return rows;
    }

    private List<Object> objects(PyNode.Call array, int count) throws ConversionException {
        List<@Nullable Object> state = tuple(state(array));
        List<@Nullable Object> items = reader.list(state.get(4));
        int rows = count == 0 ? 0 : items.size() / count;
        boolean fortran = count > 1 && Boolean.TRUE.equals(state.get(3));
        List<Object> columns = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            List<@Nullable Object> column = new ArrayList<>(rows);
            for (int r = 0; r < rows; r++) {
                column.add(item(items.get(fortran ? r * count + c : c * rows + r)));
            }
            columns.add(column);
        }
        return columns;
    }

    private @Nullable Object item(@Nullable Object node) throws ConversionException {
        boolean missing = PandasScalars.isMissing(node) || node instanceof Double number && number.isNaN();
        return missing ? null : reader.value(node);
    }

    private static List<Object> split(@Nullable Object values, int count) throws ConversionException {
        if (!(values instanceof NdArray block) || block.shape().length != 2) {
            if (values == null || count != 1) {
                throw refused("block of unusual shape");
            }
            return List.of(values);
        }
        int rows = block.shape()[1];
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < block.shape()[0]; i++) {
            int elements = rows * block.type().parts();
            Object column = Array.newInstance(block.type().element(), elements);
            System.arraycopy(block.values(), i * elements, column, 0, elements);
            columns.add(NumpyItems.oneDimensional(block.type(), column));
        }
        return columns;
    }

    /// @param zone of points in time; null for durations
    private List<Object> times(PyNode.Call array, @Nullable Object zone, int count) throws ConversionException {
        List<@Nullable Object> state = tuple(state(array));
        int[] shape = NumpyReader.shape(reader.list(state.get(1)));
        var dtype = new Dtype.Numbers(NdArray.Type.INT64, ByteOrder.LITTLE_ENDIAN);
        long[] steps = NumpyReader.steps(dtype, shape, Boolean.TRUE.equals(state.get(3)));
        long[] raw = (long[]) ArrayBytes.read(
                dtype.type(), dtype.order(), new NumpyItems.Data(reader.bytes(state.get(4)), 0, shape, steps));
        long unit = nanos(tuple(state(call(state.get(2)))));
        int rows = count == 0 ? 0 : raw.length / count;
        List<Object> columns = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            List<@Nullable Object> column = new ArrayList<>(rows);
            for (int r = 0; r < rows; r++) {
                long value = raw[c * rows + r];
                column.add(time(value, unit, zone));
            }
            columns.add(column);
        }
        return columns;
    }

    private static @Nullable Object time(long value, long unit, @Nullable Object zone) {
        Object time = NumpyItems.time(value, new Dtype.Times(ByteOrder.LITTLE_ENDIAN, zone == null, false, unit));
        return time instanceof LocalDateTime utc && zone instanceof ZoneId id
                ? utc.toInstant(ZoneOffset.UTC).atZone(id)
                : time;
    }

    /// Of a dtype such as datetime64[ms].
    private static long nanos(List<@Nullable Object> dtypeState) throws ConversionException {
        Object unit = tuple(tuple(dtypeState.get(8)).get(1)).getFirst();
        String name =
                unit instanceof byte[] bytes ? new String(bytes, StandardCharsets.US_ASCII) : String.valueOf(unit);
        return switch (name) {
            case "ns" -> 1;
            case "us" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000;
            default -> throw refused("pandas.Timestamp in units of " + name);
        };
    }

    /// The zone of a dtype, or a text where it has none.
    private Object zone(PyNode.Call dtype) throws ConversionException {
        if (dtype.isOf("numpy", "dtype")) {
            return "none";
        }
        return PandasScalars.zone(reader, attributes(dtype).get("tz"));
    }

    private static PyNode.Call call(@Nullable Object node) throws ConversionException {
        if (node instanceof PyNode.Call call && call.callable() instanceof PyNode.Global) {
            return call;
        }
        throw new ConversionException("a damaged pickle: an object of pandas is wanted");
    }

    private static @Nullable Object state(PyNode.Call call) {
        for (PyNode.Change change : call.changes()) {
            if (change instanceof PyNode.State(Object state)) {
                return state;
            }
        }
        return null;
    }

    private static PyNode.Dict attributes(PyNode.Call call) throws ConversionException {
        if (state(call) instanceof PyNode.Dict dict) {
            return dict;
        }
        throw new ConversionException("a " + call.callable() + " without attributes can not be read in Java");
    }

    private static List<@Nullable Object> tuple(@Nullable Object node) throws ConversionException {
        if (node instanceof PyNode.Tuple tuple) {
            return tuple.items();
        }
        throw new ConversionException("a damaged pickle: a tuple of pandas is wanted");
    }

    static ConversionException refused(String type) {
        return new ConversionException("a " + type + " of Python has no counterpart in a table of Java; convert it to"
                + " numbers, strings or times before, with astype say");
    }
}
