package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PyNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Columns of data frames that are pyarrow's, as strings are where pyarrow is installed: a pickle has their
/// buffers, laid out as Arrow's columnar format says.
final class PyarrowColumns {
    private final PythonReader reader;

    private PyarrowColumns(PythonReader reader) {
        this.reader = reader;
    }

    /// Strings, numbers, truth values and times, with null for what is missing.
    static List<@Nullable Object> column(PythonReader reader, @Nullable Object node) throws ConversionException {
        List<@Nullable Object> rows = new ArrayList<>();
        new PyarrowColumns(reader).add(node, rows);
        return rows;
    }

    private void add(@Nullable Object node, List<@Nullable Object> rows) throws ConversionException {
        if (node instanceof PyNode.Call call && call.isOf("pyarrow.lib", "chunked_array")) {
            for (Object chunk : reader.list(call.argumentItems().getFirst())) {
                add(chunk, rows);
            }
            return;
        }
        if (!(node instanceof PyNode.Call call) || !call.isOf("pyarrow.lib", "_restore_array")) {
            throw PandasReader.refused("column of pyarrow's of an unusual class");
        }
        List<@Nullable Object> data = reader.list(call.argumentItems().getFirst());
        if (!(data.get(1) instanceof Long length) || !(data.get(3) instanceof Long offset)) {
            throw new ConversionException("a column of pyarrow's is damaged");
        }
        List<@Nullable Object> buffers = reader.list(data.get(4));
        byte[] valid = buffers.getFirst() == null ? null : bytes(buffers.getFirst());
        int from = Math.toIntExact(offset);
        int to = Math.toIntExact(offset + length);
        IntFunction<@Nullable Object> items = length == 0 ? i -> null : items(data.getFirst(), buffers, to);
        for (int i = from; i < to; i++) {
            rows.add(valid != null && !bit(valid, i) ? null : items.apply(i));
        }
    }

    private IntFunction<@Nullable Object> items(@Nullable Object type, List<@Nullable Object> buffers, int count)
            throws ConversionException {
        PyNode.Call made = type instanceof PyNode.Call call ? call : null;
        if (made != null && made.isOf("pyarrow.lib", "timestamp")) {
            return times(made, bytes(buffers.get(1)));
        }
        String name = made != null && made.isOf("pyarrow.lib", "type_for_alias")
                ? String.valueOf(made.argumentItems().getFirst())
                : "value of an unusual type";
        return switch (name) {
            case "string", "large_string" -> texts(buffers, name.startsWith("large"));
            case "bool" -> {
                byte[] bits = bytes(buffers.get(1));
                yield i -> bit(bits, i);
            }
            default -> {
                NdArray.Type of = NdArray.Type.of(code(name));
                if (of == null) {
                    throw PandasReader.refused("pyarrow " + name);
                }
                var where = new NumpyItems.Data(bytes(buffers.get(1)), 0, new int[] {count}, new long[] {of.bytes()});
                Object values = ArrayBytes.read(of, ByteOrder.LITTLE_ENDIAN, where);
                yield i -> NumpyItems.element(of, values, i);
            }
        };
    }

    private static String code(String name) {
        return switch (name) {
            case "halffloat" -> "f2";
            case "float" -> "f4";
            case "double" -> "f8";
            case "int8", "int16", "int32", "int64" -> "i" + Integer.parseInt(name.substring(3)) / 8;
            case "uint8", "uint16", "uint32", "uint64" -> "u" + Integer.parseInt(name.substring(4)) / 8;
            default -> "";
        };
    }

    private IntFunction<@Nullable Object> texts(List<@Nullable Object> buffers, boolean large)
            throws ConversionException {
        ByteBuffer offsets = ByteBuffer.wrap(bytes(buffers.get(1))).order(ByteOrder.LITTLE_ENDIAN);
        byte[] text = buffers.get(2) == null ? new byte[0] : bytes(buffers.get(2));
        return i -> {
            int from = large ? Math.toIntExact(offsets.getLong(8 * i)) : offsets.getInt(4 * i);
            int to = large ? Math.toIntExact(offsets.getLong(8 * i + 8)) : offsets.getInt(4 * i + 4);
            return new String(text, from, to - from, StandardCharsets.UTF_8);
        };
    }

    private static IntFunction<@Nullable Object> times(PyNode.Call type, byte[] data) throws ConversionException {
        Object unit = type.argumentItems().getFirst();
        Object zone = type.argumentItems().get(1);
        if (!(Dtype.of("M8[" + unit + "]") instanceof Dtype.Times times)) {
            throw PandasReader.refused("pyarrow timestamp of " + unit);
        }
        ByteBuffer values = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        return i -> {
            Object time = NumpyItems.time(values.getLong(8 * i), times);
            return zone != null && time instanceof LocalDateTime utc
                    ? utc.toInstant(ZoneOffset.UTC)
                            .atZone(zone.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(zone.toString()))
                    : time;
        };
    }

    private static boolean bit(byte[] bits, int i) {
        return (bits[i >> 3] >> (i & 7) & 1) != 0;
    }

    private byte[] bytes(@Nullable Object node) throws ConversionException {
        if (node instanceof PyNode.Call call && call.isOf("pyarrow.lib", "py_buffer")) {
            return reader.bytes(call.argumentItems().getFirst());
        }
        throw new ConversionException("a column of pyarrow's is damaged");
    }
}
