package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.NdArray;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.jspecify.annotations.Nullable;

/// A vector's values as a column of a table.
final class ColumnReader {
    /// Of elements copied at a time: a `ByteBuffer` is smaller than 2 GiB.
    private static final int PIECE = 1 << 27;

    private ColumnReader() {}

    /// @return an array, an [NdArray] of one dimension or a list
    /// @throws IOException naming column and type, if it has no counterpart
    static Object column(FieldVector vector, int rows, @Nullable DictionaryProvider dictionaries) throws IOException {
        DictionaryEncoding encoding = vector.getField().getDictionary();
        if (encoding != null) {
            return decoded(vector, rows, encoding, dictionaries);
        }
        NdArray.Type type = ColumnTypes.ofArrow(vector.getField().getType());
        if (type != null) {
            boolean whole = vector.getNullCount() == 0;
            if (whole || type == NdArray.Type.FLOAT32 || type == NdArray.Type.FLOAT64) {
                Object values = array(vector, type, rows);
                return ColumnTypes.isPlain(type) ? values : new NdArray(type, new int[] {rows}, values);
            }
            return list(vector, rows, nullable(vector, type, rows));
        }
        return list(vector, rows, getter(vector));
    }

    private static Object decoded(
            FieldVector codes, int rows, DictionaryEncoding encoding, @Nullable DictionaryProvider dictionaries)
            throws IOException {
        Dictionary dictionary = dictionaries == null ? null : dictionaries.lookup(encoding.getId());
        NdArray.Type type = ColumnTypes.ofArrow(codes.getMinorType().getType());
        if (dictionary == null || type == null) {
            throw new IOException("the column " + codes.getName() + " has no dictionary");
        }
        FieldVector words = dictionary.getVector();
        List<@Nullable Object> values = boxed(column(words, words.getValueCount(), dictionaries));
        Object numbers = array(codes, type, rows);
        return list(codes, rows, i -> values.get(((Number) Array.get(numbers, i)).intValue()));
    }

    private static List<@Nullable Object> list(FieldVector vector, int rows, IntFunction<@Nullable Object> at) {
        List<@Nullable Object> list = new ArrayList<>(rows);
        for (int i = 0; i < rows; i++) {
            list.add(vector.isNull(i) ? null : at.apply(i));
        }
        return list;
    }

    /// Numbers and truth values, in one copy; NaN for null, where they are floating-point.
    private static Object array(FieldVector vector, NdArray.Type type, int rows) {
        Object values = Array.newInstance(type.element(), rows);
        if (vector instanceof BitVector bits) {
            boolean[] truths = (boolean[]) values;
            for (int i = 0; i < rows; i++) {
                truths[i] = !bits.isNull(i) && bits.get(i) != 0;
            }
            return values;
        }
        ArrowBuf buffer = vector.getDataBuffer();
        long width = type.elementBytes();
        for (int from = 0; from < rows; from += PIECE) {
            int length = Math.min(PIECE, rows - from);
            ByteBuffer bytes = buffer.nioBuffer(from * width, Math.toIntExact(length * width))
                    .order(ByteOrder.LITTLE_ENDIAN);
            switch (values) {
                case double[] v -> bytes.asDoubleBuffer().get(v, from, length);
                case float[] v -> bytes.asFloatBuffer().get(v, from, length);
                case long[] v -> bytes.asLongBuffer().get(v, from, length);
                case int[] v -> bytes.asIntBuffer().get(v, from, length);
                case short[] v -> bytes.asShortBuffer().get(v, from, length);
                case byte[] v -> bytes.get(v, from, length);
                default -> throw new AssertionError(type);
            }
        }
        if (vector.getNullCount() > 0) {
            for (int i = 0; i < rows; i++) {
                if (vector.isNull(i)) {
                    switch (values) {
                        case double[] v -> v[i] = Double.NaN;
                        case float[] v -> v[i] = Float.NaN;
                        default -> {}
                    }
                }
            }
        }
        return values;
    }

    /// Whole numbers of which some are missing are `Long` as those of pandas, or `BigInteger`.
    private static IntFunction<@Nullable Object> nullable(FieldVector vector, NdArray.Type type, int rows) {
        Object values = array(vector, type, rows);
        return switch (type) {
            case BOOL -> i -> Array.getBoolean(values, i);
            case FLOAT16 -> i -> Float.float16ToFloat(Array.getShort(values, i));
            case UINT8 -> i -> (long) Byte.toUnsignedInt(Array.getByte(values, i));
            case UINT16 -> i -> (long) Short.toUnsignedInt(Array.getShort(values, i));
            case UINT32 -> i -> Integer.toUnsignedLong(Array.getInt(values, i));
            case UINT64 -> i -> new BigInteger(Long.toUnsignedString(Array.getLong(values, i)));
            default -> i -> Array.getLong(values, i);
        };
    }

    private static IntFunction<@Nullable Object> getter(FieldVector vector) throws IOException {
        return switch (vector) {
            case VarCharVector v -> i -> new String(v.get(i), StandardCharsets.UTF_8);
            case LargeVarCharVector v -> i -> new String(v.get(i), StandardCharsets.UTF_8);
            case ViewVarCharVector v -> i -> new String(v.get(i), StandardCharsets.UTF_8);
            case VarBinaryVector v -> v::get;
            case LargeVarBinaryVector v -> v::get;
            case ViewVarBinaryVector v -> v::get;
            case FixedSizeBinaryVector v -> v::get;
            case DateDayVector v -> i -> LocalDate.ofEpochDay(v.get(i));
            case DateMilliVector v -> i -> LocalDate.ofEpochDay(Math.floorDiv(v.get(i), 86_400_000L));
            case TimeSecVector v -> i -> LocalTime.ofSecondOfDay(v.get(i));
            case TimeMilliVector v -> i -> LocalTime.ofNanoOfDay(v.get(i) * 1_000_000L);
            case TimeMicroVector v -> i -> LocalTime.ofNanoOfDay(v.get(i) * 1_000);
            case TimeNanoVector v -> i -> LocalTime.ofNanoOfDay(v.get(i));
            case TimeStampVector v -> times(v);
            case DurationVector v -> {
                var type = (ArrowType.Duration) v.getField().getType();
                yield i -> {
                    Instant since = since(DurationVector.get(v.getDataBuffer(), i), type.getUnit());
                    return Duration.ofSeconds(since.getEpochSecond(), since.getNano());
                };
            }
            case NullVector v -> i -> null;
            default -> {
                if (vector.getField().getType() instanceof ArrowType.Decimal) {
                    yield vector::getObject;
                }
                throw new IOException("the column " + vector.getName() + " is of Arrow's type "
                        + vector.getField().getType() + ", which a table of Java has not; read its vectors instead");
            }
        };
    }

    private static IntFunction<@Nullable Object> times(TimeStampVector vector) {
        var type = (ArrowType.Timestamp) vector.getField().getType();
        String name = type.getTimezone();
        TimeUnit unit = type.getUnit();
        if (name == null || name.isEmpty()) {
            return i -> LocalDateTime.ofInstant(since(vector.get(i), unit), ZoneOffset.UTC);
        }
        ZoneId zone = name.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(name);
        return i -> since(vector.get(i), unit).atZone(zone);
    }

    private static Instant since(long value, TimeUnit unit) {
        long perSecond = ColumnTypes.perSecond(unit);
        return Instant.ofEpochSecond(
                Math.floorDiv(value, perSecond), Math.floorMod(value, perSecond) * (1_000_000_000L / perSecond));
    }

    /// One column of the same column of several batches.
    static Object joined(List<Object> parts) {
        Object first = parts.getFirst();
        if (parts.size() == 1) {
            return first;
        }
        boolean alike = parts.stream().allMatch(part -> part.getClass() == first.getClass());
        if (!alike || first instanceof List<?>) {
            List<@Nullable Object> all = new ArrayList<>();
            parts.forEach(part -> all.addAll(boxed(part)));
            return all;
        }
        int rows = 0;
        for (Object part : parts) {
            rows = Math.addExact(rows, Array.getLength(elements(part)));
        }
        Object all = Array.newInstance(elements(first).getClass().getComponentType(), rows);
        int at = 0;
        for (Object part : parts) {
            Object elements = elements(part);
            System.arraycopy(elements, 0, all, at, Array.getLength(elements));
            at += Array.getLength(elements);
        }
        return first instanceof NdArray array ? new NdArray(array.type(), new int[] {rows}, all) : all;
    }

    private static Object elements(Object part) {
        return part instanceof NdArray array ? array.values() : part;
    }

    private static List<@Nullable Object> boxed(Object column) {
        if (column instanceof Collection<?> list) {
            return new ArrayList<>(list);
        }
        Object values = elements(column);
        int rows = Array.getLength(values);
        List<@Nullable Object> list = new ArrayList<>(rows);
        boolean whole = values instanceof int[] || values instanceof short[] || values instanceof byte[];
        for (int i = 0; i < rows; i++) {
            list.add(whole ? (Object) Array.getLong(values, i) : Array.get(values, i));
        }
        return list;
    }
}
