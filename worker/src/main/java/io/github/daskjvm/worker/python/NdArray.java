package io.github.daskjvm.worker.python;

import java.io.Serializable;
import java.lang.reflect.Array;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A NumPy array of any number of dimensions: numbers or truth values in C order, the last index fastest. Arrays of
/// one dimension whose elements are a primitive type of Java's other than `byte` cross as arrays of that type instead.
/// A complex number is two elements, real and imaginary part; a float16 the bits that [Float#float16ToFloat] reads.
///
/// @param type of the elements
/// @param shape lengths of the dimensions; empty for a single value
/// @param values a Java array of the type that [Type#element] says, with as many elements as the shape has, complex
///     ones twice as many
@SuppressWarnings("ArrayRecordComponent")
public record NdArray(Type type, int[] shape, Object values) implements Serializable {

    /// NumPy's element types that cross. Unsigned ones have the signed Java type of their size: see
    /// [Byte#toUnsignedInt] and the like.
    public enum Type {
        BOOL("b1", boolean.class, 1),
        INT8("i1", byte.class, 1),
        INT16("i2", short.class, 2),
        INT32("i4", int.class, 4),
        INT64("i8", long.class, 8),
        UINT8("u1", byte.class, 1),
        UINT16("u2", short.class, 2),
        UINT32("u4", int.class, 4),
        UINT64("u8", long.class, 8),
        FLOAT16("f2", short.class, 2),
        FLOAT32("f4", float.class, 4),
        FLOAT64("f8", double.class, 8),
        COMPLEX64("c8", float.class, 8),
        COMPLEX128("c16", double.class, 16);

        private final String code;
        private final Class<?> element;
        private final int bytes;

        Type(String code, Class<?> element, int bytes) {
            this.code = code;
            this.element = element;
            this.bytes = bytes;
        }

        /// The element's type in Java.
        public Class<?> element() {
            return element;
        }

        /// NumPy's name with little-endian byte order, as in `<f8`.
        public String dtype() {
            return (bytes == 1 ? "|" : "<") + code;
        }

        /// Of one value of NumPy's.
        int bytes() {
            return bytes;
        }

        /// How many elements of the Java array a value takes: 2 for complex numbers, otherwise 1.
        public int parts() {
            return this == COMPLEX64 || this == COMPLEX128 ? 2 : 1;
        }

        /// Of one element of the Java array.
        public int elementBytes() {
            return bytes / parts();
        }

        /// The type of one part.
        Type part() {
            return switch (this) {
                case COMPLEX64 -> FLOAT32;
                case COMPLEX128 -> FLOAT64;
                default -> this;
            };
        }

        /// The type whose elements are of a primitive type of Java's, signed and real.
        ///
        /// @return null if there is none
        public static @Nullable Type ofElement(Class<?> element) {
            for (Type type : values()) {
                if (type.element == element) {
                    return type;
                }
            }
            return null;
        }

        /// @param code kind and size, as in `f8`; `?` and `b1` are both the truth value
        /// @return null if there is none
        static @Nullable Type of(String code) {
            String wanted = code.equals("?") ? "b1" : code;
            for (Type type : values()) {
                if (type.code.equals(wanted)) {
                    return type;
                }
            }
            return null;
        }
    }

    /// @throws IllegalArgumentException if the values do not fit type and shape
    public NdArray {
        if (values.getClass().getComponentType() != type.element) {
            throw new IllegalArgumentException("values of " + type + " are an array of " + type.element + ", not a "
                    + values.getClass().getSimpleName());
        }
        long size = type.parts();
        for (int length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException("a dimension of length " + length);
            }
            size *= length;
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("more elements than a Java array holds: " + Arrays.toString(shape));
            }
        }
        if (size != Array.getLength(values)) {
            throw new IllegalArgumentException(
                    Array.getLength(values) + " values for the shape " + Arrays.toString(shape));
        }
    }

    public static NdArray of(double[] values, int... shape) {
        return new NdArray(Type.FLOAT64, shape, values);
    }

    public static NdArray of(float[] values, int... shape) {
        return new NdArray(Type.FLOAT32, shape, values);
    }

    public static NdArray of(long[] values, int... shape) {
        return new NdArray(Type.INT64, shape, values);
    }

    public static NdArray of(int[] values, int... shape) {
        return new NdArray(Type.INT32, shape, values);
    }

    /// Complex numbers.
    ///
    /// @param values real and imaginary part of each in turn
    public static NdArray ofComplex(double[] values, int... shape) {
        return new NdArray(Type.COMPLEX128, shape, values);
    }

    /// The values where they are `double`, real and imaginary parts in turn where they are complex.
    ///
    /// @throws IllegalStateException if they are of another type
    public double[] doubles() {
        return as(double[].class);
    }

    /// As [#doubles].
    public float[] floats() {
        return as(float[].class);
    }

    /// As [#doubles]; of INT64 and UINT64.
    public long[] longs() {
        return as(long[].class);
    }

    /// As [#doubles]; of INT32 and UINT32.
    public int[] ints() {
        return as(int[].class);
    }

    /// One of complex numbers.
    ///
    /// @param index counted over all dimensions, the last fastest
    /// @throws IllegalStateException if they are of another type
    public Complex complex(int index) {
        return switch (type) {
            case COMPLEX64 -> new Complex(floats()[2 * index], floats()[2 * index + 1]);
            case COMPLEX128 -> new Complex(doubles()[2 * index], doubles()[2 * index + 1]);
            default -> throw new IllegalStateException("the elements are " + type + ", not complex");
        };
    }

    private <T> T as(Class<T> wanted) {
        if (!wanted.isInstance(values)) {
            throw new IllegalStateException("the elements are " + type + ", so values() is a "
                    + values.getClass().getSimpleName());
        }
        return wanted.cast(values);
    }

    /// Same type, shape and values.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NdArray that
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && Arrays.deepEquals(new Object[] {values}, new Object[] {that.values});
    }

    @Override
    public int hashCode() {
        return 31 * (31 * type.hashCode() + Arrays.hashCode(shape)) + Arrays.deepHashCode(new Object[] {values});
    }

    @Override
    public String toString() {
        return "NdArray[" + type + ", shape " + Arrays.toString(shape) + "]";
    }
}
