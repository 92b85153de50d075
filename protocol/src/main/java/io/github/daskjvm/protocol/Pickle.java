package io.github.daskjvm.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes small pickles by hand: plain values, globals, calls. Opcodes of protocol 0 to 3 in a protocol 4
/// envelope, which every Python of interest reads. A Java `List` becomes a list; [#tuple] makes a tuple.
public final class Pickle {
    /// Byte strings from this size on are not copied where the pickle may be in parts.
    private static final int PART_MIN_BYTES = 1 << 14;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    private final @Nullable List<byte[]> parts;

    private Pickle(@Nullable List<byte[]> parts) {
        this.parts = parts;
    }

    /// A pickled value built from null, Boolean, Integer, Long, Double, String, byte[], Collection, Map and the
    /// nodes that [#global], [#call] and [#tuple] make.
    ///
    /// @throws IllegalArgumentException for any other type
    public static byte[] of(@Nullable Object value) {
        return new Pickle(null).whole(value);
    }

    /// As [#of], in pieces to be joined: long byte strings are among them by reference.
    public static List<byte[]> partsOf(@Nullable Object value) {
        var parts = new ArrayList<byte[]>();
        parts.add(new Pickle(parts).whole(value));
        return parts;
    }

    private byte[] whole(@Nullable Object value) {
        out.write(0x80);
        out.write(4);
        value(value);
        out.write('.');
        return out.toByteArray();
    }

    /// An exception of a built-in or importable class with these arguments.
    ///
    /// @param module such as `builtins` or `distributed.scheduler`
    public static byte[] exception(String module, String name, @Nullable Object... arguments) {
        return of(call(global(module, name), arguments));
    }

    /// A class or function, found by import.
    public static Object global(String module, String name) {
        return new Global(module, name);
    }

    /// The result of calling `function` when unpickled.
    public static Object call(Object function, @Nullable Object... arguments) {
        return new Call(function, arguments, null);
    }

    /// As [#call], and then the result's `__setstate__`, or `__dict__.update`, gets `state`.
    public static Object callWithState(Object function, Object state, @Nullable Object... arguments) {
        return new Call(function, arguments, state);
    }

    public static Object tuple(@Nullable Object... items) {
        return new Tuple(items);
    }

    private record Global(String module, String name) {}

    private record Call(
            Object function,
            @Nullable Object[] arguments,
            @Nullable Object state) {}

    private record Tuple(@Nullable Object[] items) {}

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> out.write('N');
            case Boolean b -> out.write(b ? 0x88 : 0x89);
            case Integer i -> integer(i);
            case Long l -> integer(l);
            case Double d -> {
                out.write('G');
                long bits = Double.doubleToRawLongBits(d);
                for (int shift = 56; shift >= 0; shift -= 8) {
                    out.write((int) (bits >>> shift));
                }
            }
            case String s -> {
                byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
                out.write('X');
                u32(utf8.length);
                out.writeBytes(utf8);
            }
            case byte[] bytes -> {
                out.write('B');
                u32(bytes.length);
                if (parts != null && bytes.length >= PART_MIN_BYTES) {
                    parts.add(out.toByteArray());
                    parts.add(bytes);
                    out.reset();
                } else {
                    out.writeBytes(bytes);
                }
            }
            case Global global -> line("c" + global.module + "\n" + global.name);
            case Tuple tuple -> tuple(tuple);
            case Call call -> {
                value(call.function);
                tuple(new Tuple(call.arguments));
                out.write('R');
                if (call.state != null) {
                    value(call.state);
                    out.write('b');
                }
            }
            case Collection<?> items -> {
                out.write(']');
                out.write('(');
                items.forEach(this::value);
                out.write('e');
            }
            case Map<?, ?> map -> {
                out.write('}');
                out.write('(');
                map.forEach((key, item) -> {
                    value(key);
                    value(item);
                });
                out.write('u');
            }
            default ->
                throw new IllegalArgumentException(
                        "no hand-made pickle for " + value.getClass().getName());
        }
    }

    private void integer(long value) {
        if (value == (int) value) {
            out.write('J');
            u32((int) value);
        } else {
            out.write(0x8a);
            out.write(Long.BYTES);
            u32((int) value);
            u32((int) (value >> 32));
        }
    }

    private void tuple(Tuple tuple) {
        out.write('(');
        for (Object item : tuple.items) {
            value(item);
        }
        out.write('t');
    }

    private void u32(int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(value >>> shift);
        }
    }

    private void line(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
