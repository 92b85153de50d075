package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PyNode;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What each item of a NumPy array is.
sealed interface Dtype {
    /// Of one item.
    int bytes();

    record Numbers(NdArray.Type type, ByteOrder order) implements Dtype {
        @Override
        public int bytes() {
            return type.bytes();
        }
    }

    /// Of `datetime64` or `timedelta64`, whole numbers of a unit.
    ///
    /// @param nanos the unit; in whole days where it is days or weeks
    record Times(ByteOrder order, boolean isSpan, boolean isDays, long nanos) implements Dtype {
        @Override
        public int bytes() {
            return Long.BYTES;
        }
    }

    /// Strings of a fixed length, each character four bytes.
    record Text(ByteOrder order, int bytes) implements Dtype {}

    /// Byte strings of a fixed length.
    record Raw(int bytes) implements Dtype {}

    record Records(int bytes, Map<String, Field> fields) implements Dtype {}

    /// @param offset in the record, in bytes
    record Field(Dtype dtype, int offset) {}

    Pattern UNIT = Pattern.compile("[Mm]8\\[(\\d*)(\\w+)]");

    /// @param text as in `<f8`
    static Dtype of(String text) throws ConversionException {
        boolean ordered = !text.isEmpty() && "<>|=".indexOf(text.charAt(0)) >= 0;
        String code = ordered ? text.substring(1) : text;
        ByteOrder order = text.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        NdArray.Type type = NdArray.Type.of(code);
        if (type != null) {
            return new Numbers(type, order);
        }
        Matcher time = UNIT.matcher(code);
        if (time.matches()) {
            String count = time.group(1);
            return times(text, order, time.group(2), count.isEmpty() ? 1 : Integer.parseInt(count));
        }
        if (code.matches("[USa]\\d{1,9}")) {
            int length = Integer.parseInt(code.substring(1));
            return code.startsWith("U") ? new Text(order, 4 * length) : new Raw(length);
        }
        throw refused(text);
    }

    private static Dtype times(String text, ByteOrder order, String unit, int count) throws ConversionException {
        long nanos = switch (unit) {
            case "ns" -> 1;
            case "us", "μs" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            case "D" -> 86_400_000_000_000L;
            case "W" -> 7 * 86_400_000_000_000L;
            default -> throw refused(text);
        };
        boolean days = unit.equals("D") || unit.equals("W");
        return new Times(order, text.contains("m8"), days, Math.multiplyExact(nanos, count));
    }

    /// From a dtype's own pickle.
    static Dtype of(PythonReader reader, @Nullable Object node) throws ConversionException {
        if (!(node instanceof PyNode.Call call)
                || !call.isOf("numpy", "dtype")
                || !(call.argumentItems().getFirst() instanceof String code)) {
            throw refused(
                    node instanceof PyNode.Call call && call.callable() instanceof PyNode.Global global
                            ? global.toString()
                            : "an unusual dtype");
        }
        List<@Nullable Object> state = !call.changes().isEmpty()
                        && call.changes().getFirst() instanceof PyNode.State(PyNode.Tuple tuple)
                        && tuple.items().size() > 5
                ? tuple.items()
                : List.of();
        if (state.isEmpty()) {
            return of(code);
        }
        if (state.get(3) instanceof PyNode.Tuple names && state.get(4) instanceof PyNode.Dict fields) {
            return records(reader, code, names.items(), fields);
        }
        if (state.get(2) != null || code.startsWith("V")) {
            throw refused(code);
        }
        String order = state.get(1) instanceof String text ? text : "";
        if (code.equals("M8") || code.equals("m8")) {
            Object unit = reader.list(reader.list(state.getLast()).get(1)).getFirst();
            Object count = reader.list(reader.list(state.getLast()).get(1)).get(1);
            String name = unit instanceof byte[] ascii ? PythonReader.ascii(ascii) : String.valueOf(unit);
            return of(order + code + "[" + count + name + "]");
        }
        return of(order + code);
    }

    private static Dtype records(PythonReader reader, String code, List<?> names, PyNode.Dict fields)
            throws ConversionException {
        Map<String, Field> parts = new LinkedHashMap<>();
        for (Object name : names) {
            List<@Nullable Object> field = reader.list(fields.get(String.valueOf(name)));
            Dtype dtype = of(reader, field.getFirst());
            if (dtype instanceof Records || !(field.get(1) instanceof Long offset)) {
                throw refused("records in records");
            }
            parts.put(String.valueOf(name), new Field(dtype, Math.toIntExact(offset)));
        }
        return new Records(Integer.parseInt(code.substring(1)), parts);
    }

    private static ConversionException refused(String dtype) {
        return new ConversionException("a NumPy array of " + dtype
                + " can not be read in Java; convert it to numbers, strings or times before, with astype say");
    }
}
