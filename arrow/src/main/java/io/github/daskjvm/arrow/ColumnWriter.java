package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.NdArray;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import java.util.Collection;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/// A column of a table as a vector, copied once.
final class ColumnWriter {
    private static final int PIECE = 1 << 27;
    private static final int DECIMAL_DIGITS_MAX = 38;

    private ColumnWriter() {}

    /// @param column an array, an [NdArray] of one dimension or a list
    /// @throws IllegalArgumentException naming column and type, if it has no counterpart
    static FieldVector vector(String name, Object column, BufferAllocator memory) {
        if (column instanceof Collection<?> list) {
            return list(name, list, memory);
        }
        NdArray.Type type = column instanceof NdArray array
                ? array.type()
                : NdArray.Type.ofElement(column.getClass().getComponentType());
        ArrowType arrow = type == null ? null : ColumnTypes.toArrow(type);
        if (type == null || arrow == null) {
            throw refused(name, type == null ? column.getClass().getTypeName() : type.toString());
        }
        Object values = column instanceof NdArray array ? array.values() : column;
        int rows = Array.getLength(values);
        var vector = (BaseFixedWidthVector) create(name, arrow, memory);
        vector.allocateNew(rows);
        if (values instanceof boolean[] truths) {
            for (int i = 0; i < rows; i++) {
                ((BitVector) vector).set(i, truths[i] ? 1 : 0);
            }
        } else {
            copy(values, rows, type.elementBytes(), vector.getDataBuffer());
            vector.getValidityBuffer().setOne(0, (rows + 7) / 8);
        }
        vector.setValueCount(rows);
        return vector;
    }

    private static FieldVector create(String name, ArrowType type, BufferAllocator memory) {
        return new Field(name, FieldType.nullable(type), null).createVector(memory);
    }

    private static void copy(Object values, int rows, int width, ArrowBuf buffer) {
        for (int from = 0; from < rows; from += PIECE) {
            int length = Math.min(PIECE, rows - from);
            ByteBuffer bytes = buffer.nioBuffer((long) from * width, Math.toIntExact((long) length * width))
                    .order(ByteOrder.LITTLE_ENDIAN);
            switch (values) {
                case double[] v -> bytes.asDoubleBuffer().put(v, from, length);
                case float[] v -> bytes.asFloatBuffer().put(v, from, length);
                case long[] v -> bytes.asLongBuffer().put(v, from, length);
                case int[] v -> bytes.asIntBuffer().put(v, from, length);
                case short[] v -> bytes.asShortBuffer().put(v, from, length);
                case byte[] v -> bytes.put(v, from, length);
                default -> throw new AssertionError(values.getClass());
            }
        }
    }

    /// Puts one value of a list where it belongs.
    private interface Setter {
        void set(int row, Object value);
    }

    private static FieldVector list(String name, Collection<?> list, BufferAllocator memory) {
        Object first = list.stream().filter(value -> value != null).findFirst().orElse(null);
        if (first == null) {
            return new NullVector(name, list.size());
        }
        FieldVector vector = create(name, type(name, first, list), memory);
        try {
            vector.setInitialCapacity(list.size());
            vector.allocateNew();
            Setter setter = setter(vector);
            int row = 0;
            for (Object value : list) {
                if (value != null) {
                    setter.set(row, value);
                }
                row++;
            }
            vector.setValueCount(row);
            return vector;
        } catch (ClassCastException e) {
            vector.close();
            throw new IllegalArgumentException(
                    "the column " + name + " begins with a " + first.getClass().getName()
                            + " and has values of other types, which no column of Arrow's has",
                    e);
        } catch (RuntimeException e) {
            vector.close();
            throw e;
        }
    }

    private static ArrowType type(String name, Object first, Collection<?> list) {
        return switch (first) {
            case String text -> ArrowType.Utf8.INSTANCE;
            case Boolean truth -> ArrowType.Bool.INSTANCE;
            case Long number -> new ArrowType.Int(64, true);
            case Integer number -> new ArrowType.Int(64, true);
            case Short number -> new ArrowType.Int(64, true);
            case Byte number -> new ArrowType.Int(64, true);
            case Double number -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case Float number -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case byte[] bytes -> ArrowType.Binary.INSTANCE;
            case LocalDate date -> new ArrowType.Date(DateUnit.DAY);
            case LocalTime time -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
            case Duration duration -> new ArrowType.Duration(unit(list));
            case LocalDateTime time -> new ArrowType.Timestamp(unit(list), null);
            case Instant time -> new ArrowType.Timestamp(unit(list), "UTC");
            case OffsetDateTime time -> new ArrowType.Timestamp(unit(list), zone(time.getOffset()));
            case ZonedDateTime time -> new ArrowType.Timestamp(unit(list), zone(time.getZone()));
            case BigDecimal decimal -> decimal(name, list);
            default -> throw refused(name, first.getClass().getName());
        };
    }

    private static String zone(ZoneId zone) {
        return zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
    }

    private static ArrowType decimal(String name, Collection<?> list) {
        int scale = 0;
        int whole = 1;
        for (Object value : list) {
            if (value instanceof BigDecimal decimal) {
                scale = Math.max(scale, decimal.scale());
                whole = Math.max(whole, decimal.precision() - decimal.scale());
            }
        }
        if (whole + scale > DECIMAL_DIGITS_MAX) {
            throw new IllegalArgumentException("the column " + name + " has decimal numbers of " + (whole + scale)
                    + " digits; Arrow's have up to " + DECIMAL_DIGITS_MAX);
        }
        return new ArrowType.Decimal(whole + scale, scale, 128);
    }

    private static TimeUnit unit(Collection<?> list) {
        for (Object value : list) {
            int nanos = switch (value) {
                case null -> 0;
                case Duration duration -> duration.getNano();
                default ->
                    value instanceof LocalDateTime time
                            ? time.getNano()
                            : instant(value).getNano();
            };
            if (nanos % 1000 != 0) {
                return TimeUnit.NANOSECOND;
            }
        }
        return TimeUnit.MICROSECOND;
    }

    private static Instant instant(Object value) {
        return switch (value) {
            case Instant time -> time;
            case OffsetDateTime time -> time.toInstant();
            case ZonedDateTime time -> time.toInstant();
            default -> ((LocalDateTime) value).toInstant(ZoneOffset.UTC);
        };
    }

    private static Setter setter(FieldVector vector) {
        return switch (vector) {
            case VarCharVector v -> (row, value) -> v.setSafe(row, ((String) value).getBytes(StandardCharsets.UTF_8));
            case VarBinaryVector v -> (row, value) -> v.setSafe(row, (byte[]) value);
            case BitVector v -> (row, value) -> v.setSafe(row, (Boolean) value ? 1 : 0);
            case BigIntVector v -> (row, value) -> v.setSafe(row, whole(value));
            case Float8Vector v -> (row, value) -> v.setSafe(row, ((Number) value).doubleValue());
            case DateDayVector v -> (row, value) -> v.setSafe(row, Math.toIntExact(((LocalDate) value).toEpochDay()));
            case TimeMicroVector v -> (row, value) -> v.setSafe(row, ((LocalTime) value).toNanoOfDay() / 1000);
            case DecimalVector v -> (row, value) -> v.setSafe(row, ((BigDecimal) value).setScale(v.getScale()));
            case DurationVector v -> {
                TimeUnit unit = ((ArrowType.Duration) v.getField().getType()).getUnit();
                yield (row, value) -> {
                    Duration duration = (Duration) value;
                    v.setSafe(row, count(duration.getSeconds(), duration.getNano(), unit));
                };
            }
            case TimeStampVector v -> {
                TimeUnit unit = ((ArrowType.Timestamp) v.getField().getType()).getUnit();
                yield (row, value) -> {
                    Instant time = instant(value);
                    v.setSafe(row, count(time.getEpochSecond(), time.getNano(), unit));
                };
            }
            default -> throw new AssertionError(vector.getClass());
        };
    }

    private static long whole(Object value) {
        return switch (value) {
            case Long number -> number;
            case Integer number -> number;
            case Short number -> number;
            default -> (Byte) value;
        };
    }

    private static long count(long seconds, int nanos, TimeUnit unit) {
        long perSecond = ColumnTypes.perSecond(unit);
        return Math.addExact(Math.multiplyExact(seconds, perSecond), nanos / (1_000_000_000 / perSecond));
    }

    private static IllegalArgumentException refused(String name, String type) {
        return new IllegalArgumentException("the column " + name + " is of " + type
                + ", for which Arrow has no type; make numbers, strings or times of it");
    }
}
