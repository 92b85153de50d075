package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.NdArray;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/// Element types of arrays and of vectors.
final class ColumnTypes {
    private ColumnTypes() {}

    /// @return null for what is no number or truth value
    static NdArray.@Nullable Type ofArrow(ArrowType type) {
        for (NdArray.Type each : NdArray.Type.values()) {
            if (type.equals(toArrow(each))) {
                return each;
            }
        }
        return null;
    }

    /// @return null for complex numbers, which Arrow has not
    static @Nullable ArrowType toArrow(NdArray.Type type) {
        return switch (type) {
            case BOOL -> ArrowType.Bool.INSTANCE;
            case INT8 -> new ArrowType.Int(8, true);
            case INT16 -> new ArrowType.Int(16, true);
            case INT32 -> new ArrowType.Int(32, true);
            case INT64 -> new ArrowType.Int(64, true);
            case UINT8 -> new ArrowType.Int(8, false);
            case UINT16 -> new ArrowType.Int(16, false);
            case UINT32 -> new ArrowType.Int(32, false);
            case UINT64 -> new ArrowType.Int(64, false);
            case FLOAT16 -> new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
            case FLOAT32 -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
            case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case COMPLEX64, COMPLEX128 -> null;
        };
    }

    /// Whether arrays of one dimension are a plain array in a table.
    static boolean isPlain(NdArray.Type type) {
        return type != NdArray.Type.INT8 && NdArray.Type.ofElement(type.element()) == type;
    }

    static long perSecond(TimeUnit unit) {
        return switch (unit) {
            case SECOND -> 1;
            case MILLISECOND -> 1_000;
            case MICROSECOND -> 1_000_000;
            case NANOSECOND -> 1_000_000_000;
        };
    }
}
