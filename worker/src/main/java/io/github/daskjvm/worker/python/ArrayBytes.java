package io.github.daskjvm.worker.python;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Elements of arrays as bytes and back.
final class ArrayBytes {
    private static final int PIECE_BYTES = 1 << 16;

    private ArrayBytes() {}

    /// Reads the elements of an array in C order, whatever order they are stored in.
    ///
    /// @return a Java array
    /// @throws ConversionException if they are not all there, or too many, or strides are negative
    static Object read(NdArray.Type type, ByteOrder order, NumpyItems.Data data) throws ConversionException {
        if (type.parts() > 1) {
            int dimensions = data.shape().length;
            int[] shape = Arrays.copyOf(data.shape(), dimensions + 1);
            long[] strides = Arrays.copyOf(data.strides(), dimensions + 1);
            shape[dimensions] = type.parts();
            strides[dimensions] = type.elementBytes();
            return read(type.part(), order, new NumpyItems.Data(data.bytes(), data.offset(), shape, strides));
        }
        int size = check(type.bytes(), data);
        Object values = Array.newInstance(type.element(), size);
        ByteBuffer in = ByteBuffer.wrap(data.bytes());
        in = in.position(size == 0 ? 0 : data.offset()).slice().order(order);
        if (isContiguous(type, data.shape(), data.strides())) {
            copy(in, values, size);
        } else {
            gather(in, values, data.shape(), data.strides());
        }
        return values;
    }

    /// The bytes of each item of an array of at most one dimension.
    static byte[][] items(int itemBytes, NumpyItems.Data data) throws ConversionException {
        byte[][] items = new byte[check(itemBytes, data)][];
        for (int i = 0; i < items.length; i++) {
            int at = data.offset() + (i == 0 ? 0 : Math.toIntExact(i * data.strides()[0]));
            items[i] = Arrays.copyOfRange(data.bytes(), at, at + itemBytes);
        }
        return items;
    }

    /// @return how many items there are
    private static int check(int itemBytes, NumpyItems.Data data) throws ConversionException {
        int[] shape = data.shape();
        long size = 1;
        long last = data.offset();
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0 || data.strides()[i] < 0) {
                throw new ConversionException("a NumPy array with negative strides can not be read in Java");
            }
            size = Math.min(Integer.MAX_VALUE, size * shape[i]);
            last += (shape[i] - 1L) * data.strides()[i];
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new ConversionException("a NumPy array has more elements than a Java array holds");
        }
        if (size > 0 && last + itemBytes > data.bytes().length) {
            throw new ConversionException("a NumPy array's data are cut off: " + data.bytes().length + " bytes");
        }
        return (int) size;
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

    /// A Java array's elements, little-endian. Not a copy where they are bytes.
    ///
    /// @param elementBytes of one
    static byte[] write(Object values, int elementBytes) throws ConversionException {
        if (values instanceof byte[] bytes) {
            return bytes;
        }
        long size = (long) Array.getLength(values) * elementBytes;
        if (size > Integer.MAX_VALUE - 8) {
            throw new ConversionException("an array of more than 2 GiB can not be sent to Python inside another value");
        }
        byte[] data = new byte[(int) size];
        put(values, 0, Array.getLength(values), ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN));
        return data;
    }

    /// As [#write], a piece at a time.
    static void writeTo(OutputStream out, Object values, int elementBytes) throws IOException {
        if (values instanceof byte[] bytes) {
            out.write(bytes);
            return;
        }
        int size = Array.getLength(values);
        int step = PIECE_BYTES / elementBytes;
        byte[] piece = new byte[(int) Math.min(PIECE_BYTES, (long) size * elementBytes)];
        ByteBuffer buffer = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < size; from += step) {
            int length = Math.min(step, size - from);
            put(values, from, length, buffer);
            out.write(piece, 0, length * elementBytes);
        }
    }

    /// From the beginning of the buffer.
    private static void put(Object values, int from, int length, ByteBuffer out) {
        switch (values) {
            case double[] v -> out.asDoubleBuffer().put(v, from, length);
            case float[] v -> out.asFloatBuffer().put(v, from, length);
            case long[] v -> out.asLongBuffer().put(v, from, length);
            case int[] v -> out.asIntBuffer().put(v, from, length);
            case short[] v -> out.asShortBuffer().put(v, from, length);
            case boolean[] v -> {
                for (int i = 0; i < length; i++) {
                    out.put(i, (byte) (v[from + i] ? 1 : 0));
                }
            }
            default -> throw new AssertionError(values.getClass());
        }
    }
}
