package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PyNode;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// NumPy's arrays and scalars: from the header that Dask gives an array (`distributed.protocol.numpy`), and from the
/// calls in NumPy's own pickles (`_frombuffer`, `_reconstruct`, `scalar`), under the module names of NumPy 1 and 2.
final class NumpyReader {
    private NumpyReader() {}

    /// Type and byte order of elements.
    record Dtype(NdArray.Type type, ByteOrder order) {
        /// @param text as in `<f8`
        static Dtype of(String text) throws ConversionException {
            boolean ordered = !text.isEmpty() && "<>|=".indexOf(text.charAt(0)) >= 0;
            NdArray.Type type = NdArray.Type.of(ordered ? text.substring(1) : text);
            if (type == null) {
                throw new ConversionException("a NumPy array of " + text
                        + " can not be read in Java; convert it to numbers or truth values before, with astype say");
            }
            return new Dtype(type, text.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        }
    }

    /// An array that travels as Dask's own serializer writes it.
    static Object array(Map<?, ?> header, List<byte[]> frames) throws ConversionException {
        if (!(header.get("dtype") instanceof List<?> dtype)
                || dtype.size() != 2
                || !(dtype.get(1) instanceof String text)
                || !(header.get("strides") instanceof List<?> strides)
                || frames.size() != 1) {
            throw new ConversionException("a NumPy array of records can not be read in Java; send its columns");
        }
        Object shape = header.get("broadcast_to") instanceof List<?> broadcast ? broadcast : header.get("shape");
        long[] steps = longs(strides);
        int[] lengths = shape(shape instanceof List<?> list ? list : List.of());
        if (steps.length != lengths.length) {
            throw new ConversionException(
                    "a NumPy array has " + lengths.length + " lengths and " + steps.length + " strides");
        }
        return of(Dtype.of(text), frames.getFirst(), lengths, steps);
    }

    /// What a call in a pickle makes, if it is one of NumPy's; otherwise null.
    static @Nullable Object made(PythonReader reader, PyNode.Call call) throws ConversionException {
        if (!(call.callable() instanceof PyNode.Global(String module, String name)) || !module.startsWith("numpy")) {
            return null;
        }
        List<@Nullable Object> arguments = call.argumentItems();
        if (name.equals("_frombuffer") && arguments.size() == 4) {
            int[] shape = shape(reader.list(arguments.get(2)));
            Dtype dtype = dtype(arguments.get(1));
            return of(dtype, reader.bytes(arguments.get(0)), shape, steps(dtype, shape, "F".equals(arguments.get(3))));
        }
        if (name.equals("_reconstruct")
                && call.changes().size() == 1
                && call.changes().getFirst() instanceof PyNode.State(PyNode.Tuple state)
                && state.items().size() == 5) {
            return reconstructed(reader, state.items());
        }
        if (name.equals("scalar") && arguments.size() == 2) {
            Dtype dtype = dtype(arguments.get(0));
            return scalar(
                    dtype.type,
                    ArrayBytes.read(
                            dtype.type, dtype.order, reader.bytes(arguments.get(1)), new int[] {1}, new long[] {0}));
        }
        return written(reader, name, arguments);
    }

    /// What [PythonWriter] writes: a published dataset may be read where it was written.
    private static @Nullable Object written(PythonReader reader, String name, List<@Nullable Object> arguments)
            throws ConversionException {
        if (arguments.size() != 2) {
            return null;
        }
        if (name.equals("frombuffer") && arguments.get(1) instanceof String code) {
            Dtype dtype = Dtype.of(code);
            byte[] data = reader.bytes(arguments.getFirst());
            int[] shape = {data.length / dtype.type.bytes()};
            return of(dtype, data, shape, steps(dtype, shape, false));
        }
        if (name.equals("zeros") && arguments.get(1) instanceof String code) {
            Dtype dtype = Dtype.of(code);
            int[] shape = shape(reader.list(arguments.getFirst()));
            long elements = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
            return elements == 0 ? of(dtype, new byte[0], shape, steps(dtype, shape, false)) : null;
        }
        if (name.equals("reshape")
                && arguments.getFirst() instanceof PyNode.Call flat
                && flat.isOf("numpy", "frombuffer")
                && flat.argumentItems().size() == 2
                && flat.argumentItems().get(1) instanceof String code) {
            Dtype dtype = Dtype.of(code);
            int[] shape = shape(reader.list(arguments.get(1)));
            return of(dtype, reader.bytes(flat.argumentItems().getFirst()), shape, steps(dtype, shape, false));
        }
        return null;
    }

    private static Object reconstructed(PythonReader reader, List<@Nullable Object> state) throws ConversionException {
        int[] shape = shape(reader.list(state.get(1)));
        if (state.get(4) instanceof PyNode.PyList objects) {
            if (shape.length != 1) {
                throw new ConversionException("a NumPy array of objects with " + shape.length
                        + " dimensions can not be read in Java; send it as a list");
            }
            List<@Nullable Object> items = new ArrayList<>();
            for (Object item : objects.items()) {
                items.add(reader.value(item));
            }
            return items;
        }
        Dtype dtype = dtype(state.get(2));
        return of(dtype, reader.bytes(state.get(4)), shape, steps(dtype, shape, Boolean.TRUE.equals(state.get(3))));
    }

    private static Dtype dtype(@Nullable Object node) throws ConversionException {
        if (!(node instanceof PyNode.Call call)
                || !call.isOf("numpy", "dtype")
                || !(call.argumentItems().getFirst() instanceof String code)) {
            throw new ConversionException("a NumPy array of an unusual dtype can not be read in Java");
        }
        String order = "";
        if (!call.changes().isEmpty()
                && call.changes().getFirst() instanceof PyNode.State(PyNode.Tuple state)
                && state.items().size() > 1
                && state.items().get(1) instanceof String text) {
            order = text;
        }
        return Dtype.of(order + code);
    }

    private static Object of(Dtype dtype, byte[] data, int[] shape, long[] strides) throws ConversionException {
        Object values = ArrayBytes.read(dtype.type, dtype.order, data, shape, strides);
        return shape.length == 1 ? oneDimensional(dtype.type, values) : new NdArray(dtype.type, shape, values);
    }

    /// The array itself where Java has its type.
    static Object oneDimensional(NdArray.Type type, Object values) {
        return switch (type) {
            case BOOL, INT16, INT32, INT64, FLOAT32, FLOAT64 -> values;
            case INT8, UINT8, UINT16, UINT32, UINT64 ->
                new NdArray(type, new int[] {java.lang.reflect.Array.getLength(values)}, values);
        };
    }

    private static Object scalar(NdArray.Type type, Object values) {
        return switch (values) {
            case boolean[] v -> v[0];
            case byte[] v -> type == NdArray.Type.UINT8 ? (Object) (short) Byte.toUnsignedInt(v[0]) : (Object) v[0];
            case short[] v -> type == NdArray.Type.UINT16 ? (Object) Short.toUnsignedInt(v[0]) : (Object) v[0];
            case int[] v -> type == NdArray.Type.UINT32 ? (Object) Integer.toUnsignedLong(v[0]) : (Object) v[0];
            case long[] v ->
                type == NdArray.Type.UINT64
                        ? (Object) new java.math.BigInteger(Long.toUnsignedString(v[0]))
                        : (Object) v[0];
            case float[] v -> v[0];
            case double[] v -> v[0];
            default -> throw new AssertionError(values.getClass());
        };
    }

    static long[] steps(Dtype dtype, int[] shape, boolean fortran) {
        long[] strides = new long[shape.length];
        long step = dtype.type.bytes();
        for (int n = 0; n < shape.length; n++) {
            int i = fortran ? n : shape.length - 1 - n;
            strides[i] = step;
            step *= Math.max(1, shape[i]);
        }
        return strides;
    }

    static int[] shape(List<?> lengths) throws ConversionException {
        long[] longs = longs(lengths);
        for (long length : longs) {
            if (length < 0 || length > Integer.MAX_VALUE) {
                throw new ConversionException("a NumPy array of shape " + Arrays.toString(longs)
                        + " has more elements than a Java array holds");
            }
        }
        return Arrays.stream(longs).mapToInt(length -> (int) length).toArray();
    }

    private static long[] longs(List<?> numbers) throws ConversionException {
        long[] longs = new long[numbers.size()];
        for (int i = 0; i < longs.length; i++) {
            if (!(numbers.get(i) instanceof Number number)) {
                throw new ConversionException("a NumPy array's header is damaged");
            }
            longs[i] = number.longValue();
        }
        return longs;
    }
}
