package io.github.daskjvm.worker.python;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Items of NumPy arrays as Java arrays and objects.
final class NumpyItems {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_DAY = 86_400 * NANOS_PER_SECOND;

    private NumpyItems() {}

    /// Where the items are.
    ///
    /// @param offset of the first, in bytes
    /// @param strides from one index to the next of each dimension, in bytes
    @SuppressWarnings("ArrayRecordComponent")
    record Data(byte[] bytes, int offset, int[] shape, long[] strides) {
        Data at(int further) {
            return new Data(bytes, offset + further, shape, strides);
        }
    }

    /// Numbers and truth values as a Java array or [NdArray]; of records a [Table], of other items a list, or where
    /// there are no dimensions, one item.
    static @Nullable Object array(Dtype dtype, Data data) throws ConversionException {
        if (dtype instanceof Dtype.Numbers(NdArray.Type type, ByteOrder order)) {
            Object values = ArrayBytes.read(type, order, data);
            return data.shape.length == 1 ? oneDimensional(type, values) : new NdArray(type, data.shape, values);
        }
        if (data.shape.length > 1) {
            throw new ConversionException("a NumPy array of strings, times or records with " + data.shape.length
                    + " dimensions can not be read in Java; send it as lists, with tolist");
        }
        if (dtype instanceof Dtype.Records records) {
            return records(records, data);
        }
        int count = data.shape.length == 0 ? 1 : data.shape[0];
        byte[][] raw = ArrayBytes.items(dtype.bytes(), data);
        List<@Nullable Object> items = new ArrayList<>(count);
        for (byte[] each : raw) {
            items.add(item(dtype, each));
        }
        return data.shape.length == 0 ? items.getFirst() : items;
    }

    private static Object records(Dtype.Records records, Data data) throws ConversionException {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        for (var field : records.fields().entrySet()) {
            Object column =
                    array(field.getValue().dtype(), data.at(field.getValue().offset()));
            boolean one = data.shape.length == 0;
            columns.put(
                    field.getKey(),
                    one && column instanceof NdArray number ? element(number.type(), number.values(), 0) : column);
        }
        if (data.shape.length == 0) {
            return columns;
        }
        Map<String, Object> whole = new LinkedHashMap<>();
        columns.forEach((name, column) -> whole.put(name, column == null ? List.of() : column));
        return new Table(whole);
    }

    private static @Nullable Object item(Dtype dtype, byte[] raw) {
        return switch (dtype) {
            case Dtype.Text text -> {
                boolean big = text.order() == ByteOrder.BIG_ENDIAN;
                String padded = new String(raw, Charset.forName(big ? "UTF-32BE" : "UTF-32LE"));
                yield padded.substring(0, lengthWithout(padded));
            }
            case Dtype.Raw of -> {
                int length = raw.length;
                while (length > 0 && raw[length - 1] == 0) {
                    length--;
                }
                yield Arrays.copyOf(raw, length);
            }
            case Dtype.Times times ->
                time(ByteBuffer.wrap(raw).order(times.order()).getLong(), times);
            case Dtype.Numbers of -> throw new AssertionError(of);
            case Dtype.Records of -> throw new AssertionError(of);
        };
    }

    private static int lengthWithout(String padded) {
        int length = padded.length();
        while (length > 0 && padded.charAt(length - 1) == 0) {
            length--;
        }
        return length;
    }

    /// @return null for "not a time"
    static @Nullable Object time(long value, Dtype.Times times) {
        if (value == Long.MIN_VALUE) {
            return null;
        }
        if (times.isDays()) {
            long days = Math.multiplyExact(value, times.nanos() / NANOS_PER_DAY);
            return times.isSpan() ? Duration.ofDays(days) : LocalDate.ofEpochDay(days);
        }
        long nanos = times.nanos();
        long seconds = nanos >= NANOS_PER_SECOND
                ? Math.multiplyExact(value, nanos / NANOS_PER_SECOND)
                : Math.floorDiv(value, NANOS_PER_SECOND / nanos);
        long rest = nanos >= NANOS_PER_SECOND ? 0 : Math.floorMod(value, NANOS_PER_SECOND / nanos) * nanos;
        return times.isSpan()
                ? Duration.ofSeconds(seconds, rest)
                : LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds, rest), ZoneOffset.UTC);
    }

    /// The array itself where Java has its type.
    static Object oneDimensional(NdArray.Type type, Object values) {
        return switch (type) {
            case BOOL, INT16, INT32, INT64, FLOAT32, FLOAT64 -> values;
            case INT8, UINT8, UINT16, UINT32, UINT64, FLOAT16, COMPLEX64, COMPLEX128 ->
                new NdArray(type, new int[] {Array.getLength(values) / type.parts()}, values);
        };
    }

    /// One number; unsigned ones as the next larger type.
    static Object element(NdArray.Type type, Object values, int i) {
        return switch (type) {
            case UINT8 -> (short) Byte.toUnsignedInt(Array.getByte(values, i));
            case UINT16 -> Short.toUnsignedInt(Array.getShort(values, i));
            case UINT32 -> Integer.toUnsignedLong(Array.getInt(values, i));
            case UINT64 -> new BigInteger(Long.toUnsignedString(Array.getLong(values, i)));
            case FLOAT16 -> Float.float16ToFloat(Array.getShort(values, i));
            case COMPLEX64, COMPLEX128 ->
                new Complex(Array.getDouble(values, 2 * i), Array.getDouble(values, 2 * i + 1));
            default -> Array.get(values, i);
        };
    }

    /// The items of a column or array of one dimension as objects.
    static List<@Nullable Object> boxed(@Nullable Object column) throws ConversionException {
        if (column instanceof Collection<?> list) {
            return new ArrayList<>(list);
        }
        List<@Nullable Object> list = new ArrayList<>();
        if (column instanceof NdArray array) {
            if (array.shape().length != 1) {
                throw new ConversionException(
                        "a NumPy array of several dimensions is where one of one dimension is wanted");
            }
            for (int i = 0; i < array.shape()[0]; i++) {
                list.add(element(array.type(), array.values(), i));
            }
        } else if (column != null && column.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(column); i++) {
                list.add(Array.get(column, i));
            }
        }
        return list;
    }
}
