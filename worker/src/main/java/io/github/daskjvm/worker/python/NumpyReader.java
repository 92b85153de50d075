package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PickleFormatException;
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
    /// What [#made] makes of "not a time".
    static final Object NOTHING = new Object();

    private NumpyReader() {}

    /// An array that travels as Dask's own serializer writes it.
    static @Nullable Object array(Map<?, ?> header, List<byte[]> frames)
            throws ConversionException, PickleFormatException {
        if (!(header.get("dtype") instanceof List<?> given)
                || given.size() != 2
                || !(header.get("strides") instanceof List<?> strides)
                || frames.size() != 1) {
            throw new ConversionException("a NumPy array's header is damaged");
        }
        Dtype dtype = switch (given.get(1)) {
            case String text -> Dtype.of(text);
            case byte[] pickle -> PythonReader.dtype(pickle);
            case null, default ->
                throw new ConversionException("a NumPy array of a dtype that is described in parts"
                        + " can not be read in Java; send its columns");
        };
        Object shape = header.get("broadcast_to") instanceof List<?> broadcast ? broadcast : header.get("shape");
        long[] steps = longs(strides);
        int[] lengths = shape(shape instanceof List<?> list ? list : List.of());
        if (steps.length != lengths.length) {
            throw new ConversionException(
                    "a NumPy array has " + lengths.length + " lengths and " + steps.length + " strides");
        }
        return NumpyItems.array(dtype, new NumpyItems.Data(frames.getFirst(), 0, lengths, steps));
    }

    /// An array of Python's own module `array`, as machines with 64 bits and the lowest byte first have it.
    static @Nullable Object typed(String typecode, byte[] data) throws ConversionException {
        String code = switch (typecode) {
            case "b" -> "i1";
            case "B" -> "u1";
            case "h" -> "i2";
            case "H" -> "u2";
            case "i" -> "i4";
            case "I" -> "u4";
            case "l", "q" -> "i8";
            case "L", "Q" -> "u8";
            case "f" -> "f4";
            case "d" -> "f8";
            default -> throw new ConversionException("an array.array of " + typecode + " can not be read in Java");
        };
        Dtype dtype = Dtype.of(code);
        return of(dtype, data, new int[] {data.length / dtype.bytes()}, new long[] {dtype.bytes()});
    }

    private static Object masked(PythonReader reader, List<@Nullable Object> state) throws ConversionException {
        Object data = reconstructed(reader, state.subList(0, 5));
        int[] shape = shape(reader.list(state.get(1)));
        var truths = new Dtype.Numbers(NdArray.Type.BOOL, ByteOrder.LITTLE_ENDIAN);
        boolean fortran = Boolean.TRUE.equals(state.get(3));
        return masked(data, of(truths, reader.bytes(state.get(5)), shape, steps(truths, shape, fortran)));
    }

    private static List<@Nullable Object> masked(@Nullable Object data, @Nullable Object mask)
            throws ConversionException {
        List<@Nullable Object> items = NumpyItems.boxed(data);
        if (!(mask instanceof boolean[] hidden) || hidden.length != items.size()) {
            throw new ConversionException(
                    "a masked NumPy array of several dimensions can not be read in Java; send data and mask");
        }
        for (int i = 0; i < hidden.length; i++) {
            if (hidden[i]) {
                items.set(i, null);
            }
        }
        return items;
    }

    /// A masked array of one dimension, with null for what is masked.
    static Object masked(Map<?, ?> header, List<byte[]> frames) throws ConversionException, PickleFormatException {
        if (!(header.get("data-header") instanceof Map<?, ?> data)
                || !(header.get("nframes") instanceof Long count)
                || count != 1
                || frames.isEmpty()) {
            throw new ConversionException("a masked NumPy array of objects can not be read in Java");
        }
        Object values = array(data, frames.subList(0, 1));
        return header.get("mask-header") instanceof Map<?, ?> of
                ? masked(values, array(of, frames.subList(1, frames.size())))
                : NumpyItems.boxed(values);
    }

    /// What a call in a pickle makes, if it is one of NumPy's; otherwise null.
    static @Nullable Object made(PythonReader reader, PyNode.Call call) throws ConversionException {
        if (!(call.callable() instanceof PyNode.Global(String module, String name)) || !module.startsWith("numpy")) {
            return null;
        }
        List<@Nullable Object> arguments = call.argumentItems();
        if (name.equals("_frombuffer") && arguments.size() == 4) {
            int[] shape = shape(reader.list(arguments.get(2)));
            Dtype dtype = Dtype.of(reader, arguments.get(1));
            return of(dtype, reader.bytes(arguments.get(0)), shape, steps(dtype, shape, "F".equals(arguments.get(3))));
        }
        if (name.equals("_reconstruct")
                && call.changes().size() == 1
                && call.changes().getFirst() instanceof PyNode.State(PyNode.Tuple state)
                && state.items().size() == 5) {
            return reconstructed(reader, state.items());
        }
        if (name.equals("scalar") && arguments.size() == 2) {
            Dtype dtype = Dtype.of(reader, arguments.get(0));
            Object value = of(dtype, reader.bytes(arguments.get(1)), new int[0], new long[0]);
            return value instanceof NdArray array
                    ? NumpyItems.element(array.type(), array.values(), 0)
                    : value == null ? NOTHING : value;
        }
        if ((name.equals("bytes_") || name.equals("str_")) && arguments.size() == 1) {
            return arguments.getFirst();
        }
        if (name.equals("_mareconstruct")
                && call.changes().size() == 1
                && call.changes().getFirst() instanceof PyNode.State(PyNode.Tuple state)
                && state.items().size() == 7) {
            return masked(reader, state.items());
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
            int[] shape = {data.length / dtype.bytes()};
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

    private static @Nullable Object reconstructed(PythonReader reader, List<@Nullable Object> state)
            throws ConversionException {
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
        Dtype dtype = Dtype.of(reader, state.get(2));
        return of(dtype, reader.bytes(state.get(4)), shape, steps(dtype, shape, Boolean.TRUE.equals(state.get(3))));
    }

    private static @Nullable Object of(Dtype dtype, byte[] data, int[] shape, long[] strides)
            throws ConversionException {
        return NumpyItems.array(dtype, new NumpyItems.Data(data, 0, shape, strides));
    }

    static long[] steps(Dtype dtype, int[] shape, boolean fortran) {
        long[] strides = new long[shape.length];
        long step = dtype.bytes();
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
