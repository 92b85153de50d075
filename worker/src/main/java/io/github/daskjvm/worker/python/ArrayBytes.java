package io.github.daskjvm.worker.python;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Elements of arrays as bytes and back.
final class ArrayBytes {
    private ArrayBytes() {}

    /// Reads the elements of an array in C order, whatever order they are stored in.
    ///
    /// @param strides from one index to the next of each dimension, in bytes; not negative
    /// @return a Java array
    /// @throws ConversionException if they are not all there, or too many
    static Object read(NdArray.Type type, ByteOrder order, byte[] data, int[] shape, long[] strides)
            throws ConversionException {
        long size = 1;
        long last = 0;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0 || strides[i] < 0) {
                throw new ConversionException("a NumPy array with negative strides can not be read in Java");
            }
            size = Math.min(Integer.MAX_VALUE, size * shape[i]);
            last += (shape[i] - 1L) * strides[i];
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new ConversionException("a NumPy array has more elements than a Java array holds");
        }
        if (size > 0 && last + type.bytes() > data.length) {
            throw new ConversionException("a NumPy array's data are cut off: " + data.length + " bytes");
        }
        Object values = Array.newInstance(type.element(), (int) size);
        ByteBuffer in = ByteBuffer.wrap(data).order(order);
        if (isContiguous(type, shape, strides)) {
            copy(in, values, (int) size);
        } else {
            gather(in, values, shape, strides);
        }
        return values;
    }

    private static boolean isContiguous(NdArray.Type type, int[] shape, long[] strides) {
        long expected = type.bytes();
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != expected) {
                return false;
            }
            expected *= shape[i];
        }
        return true;
    }

    private static void copy(ByteBuffer in, Object values, int size) {
        switch (values) {
            case double[] v -> in.asDoubleBuffer().get(v);
            case float[] v -> in.asFloatBuffer().get(v);
            case long[] v -> in.asLongBuffer().get(v);
            case int[] v -> in.asIntBuffer().get(v);
            case short[] v -> in.asShortBuffer().get(v);
            case byte[] v -> in.get(v);
            default -> {
                for (int i = 0; i < size; i++) {
                    set(in, i, values, i);
                }
            }
        }
    }

    private static void gather(ByteBuffer in, Object values, int[] shape, long[] strides) {
        int[] index = new int[shape.length];
        long offset = 0;
        int size = Array.getLength(values);
        for (int i = 0; i < size; i++) {
            set(in, (int) offset, values, i);
            for (int dimension = shape.length - 1; dimension >= 0; dimension--) {
                offset += strides[dimension];
                if (++index[dimension] < shape[dimension]) {
                    break;
                }
                offset -= strides[dimension] * shape[dimension];
                index[dimension] = 0;
            }
        }
    }

    private static void set(ByteBuffer in, int offset, Object values, int i) {
        switch (values) {
            case double[] v -> v[i] = in.getDouble(offset);
            case float[] v -> v[i] = in.getFloat(offset);
            case long[] v -> v[i] = in.getLong(offset);
            case int[] v -> v[i] = in.getInt(offset);
            case short[] v -> v[i] = in.getShort(offset);
            case byte[] v -> v[i] = in.get(offset);
            case boolean[] v -> v[i] = in.get(offset) != 0;
            default -> throw new AssertionError(values.getClass());
        }
    }

    /// A Java array's elements, little-endian.
    static byte[] write(Object values, int elementBytes) throws ConversionException {
        int size = Array.getLength(values);
        if ((long) size * elementBytes > Integer.MAX_VALUE - 8) {
            throw new ConversionException("an array of more than 2 GiB can not be sent to Python");
        }
        byte[] data = new byte[size * elementBytes];
        ByteBuffer out = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        switch (values) {
            case double[] v -> out.asDoubleBuffer().put(v);
            case float[] v -> out.asFloatBuffer().put(v);
            case long[] v -> out.asLongBuffer().put(v);
            case int[] v -> out.asIntBuffer().put(v);
            case short[] v -> out.asShortBuffer().put(v);
            case byte[] v -> out.put(v);
            case boolean[] v -> {
                for (int i = 0; i < size; i++) {
                    data[i] = (byte) (v[i] ? 1 : 0);
                }
            }
            default -> throw new AssertionError(values.getClass());
        }
        return data;
    }
}
