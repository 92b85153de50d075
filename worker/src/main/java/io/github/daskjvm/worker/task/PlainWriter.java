package io.github.daskjvm.worker.task;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes the plain form, see [PlainTag]: of boxed values, strings, arrays of primitives, and the JDK's lists,
/// sets and maps of these. What is of any other class, or refers twice to the same container, is not plain: an
/// object must come back as exactly what it was. So is a `LinkedHashMap`, which does not say whether it is
/// ordered by access.
final class PlainWriter {
    /// Larger arrays travel in frames of their own, a `byte[]` as it is.
    private static final int APART_BYTES = 4096;

    private static final int STREAM_MAX_BYTES = 256 << 20;
    private static final int SHORT_TEXT_CHARS = 64;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// The JDK's unmodifiable collections, which have no other name.
    private static final Class<?> LIST_12 = List.of(1).getClass();

    /// Of `Stream.toList()` too, which may hold null.
    private static final Class<?> LIST_N = List.of().getClass();
    private static final Class<?> SET_12 = Set.of(1).getClass();
    private static final Class<?> SET_N = Set.of().getClass();
    private static final Class<?> MAP_1 = Map.of(1, 1).getClass();
    private static final Class<?> MAP_N = Map.of().getClass();

    private byte[] buffer = new byte[64];
    private int size;
    private boolean copiesAll;
    private List<byte[]> apart = List.of();
    private @Nullable Set<Object> seen;

    private PlainWriter() {
        buffer[size++] = PlainTag.VERSION;
    }

    /// @return the stream, and the arrays that are frames of their own; null if the value is not plain
    static @Nullable List<byte[]> write(@Nullable Object value) {
        var writer = new PlainWriter();
        return writer.value(value, 0) ? writer.frames() : null;
    }

    /// As [#write], of a list of any kind. A `byte[]` is copied: the caller may change it before it is sent.
    static @Nullable List<byte[]> writeArguments(List<?> arguments) {
        var writer = new PlainWriter();
        writer.copiesAll = true;
        return writer.items(PlainTag.ARGUMENTS, arguments, 0) ? writer.frames() : null;
    }

    private List<byte[]> frames() {
        byte[] stream = Arrays.copyOf(buffer, size);
        if (apart.isEmpty()) {
            return List.of(stream);
        }
        var frames = new ArrayList<byte[]>(apart.size() + 1);
        frames.add(stream);
        frames.addAll(apart);
        return frames;
    }

    private boolean value(@Nullable Object value, int depth) {
        switch (value) {
            case null -> put(PlainTag.NULL);
            case Integer n -> number(PlainTag.INT, n);
            case String text -> {
                return text(text);
            }
            case Double n -> fixed(PlainTag.DOUBLE, Double.doubleToRawLongBits(n), 8);
            case Long n -> number(PlainTag.LONG, n);
            case Boolean b -> put(b ? PlainTag.TRUE : PlainTag.FALSE);
            case KeyReference reference -> {
                put(PlainTag.KEY_REFERENCE);
                return value(reference.keyValue(), depth + 1);
            }
            case Float n -> fixed(PlainTag.FLOAT, Float.floatToRawIntBits(n), 4);
            case Byte n -> fixed(PlainTag.BYTE, n, 1);
            case Short n -> fixed(PlainTag.SHORT, n, 2);
            case Character c -> fixed(PlainTag.CHAR, c, 2);
            default -> {
                return container(value, depth);
            }
        }
        return true;
    }

    private boolean container(Object value, int depth) {
        if (depth >= PlainTag.DEPTH_MAX || (depth > 0 && !isNew(value))) {
            return false;
        }
        return switch (value) {
            case byte[] a -> array(PlainTag.BYTES, a.length, 1, MemorySegment.ofArray(a), a);
            case double[] a -> array(PlainTag.DOUBLES, a.length, 8, MemorySegment.ofArray(a), null);
            case long[] a -> array(PlainTag.LONGS, a.length, 8, MemorySegment.ofArray(a), null);
            case int[] a -> array(PlainTag.INTS, a.length, 4, MemorySegment.ofArray(a), null);
            case float[] a -> array(PlainTag.FLOATS, a.length, 4, MemorySegment.ofArray(a), null);
            case short[] a -> array(PlainTag.SHORTS, a.length, 2, MemorySegment.ofArray(a), null);
            case char[] a -> array(PlainTag.CHARS, a.length, 2, MemorySegment.ofArray(a), null);
            case boolean[] a -> booleans(a);
            case String[] texts
            when texts.getClass() == String[].class -> items(PlainTag.TEXTS, Arrays.asList(texts), depth);
            case Collection<?> items -> {
                int tag = tag(items.getClass());
                yield tag >= 0 && items(tag, items, depth);
            }
            case Map<?, ?> map -> {
                Class<?> type = map.getClass();
                boolean unchangeable = type == MAP_N || type == MAP_1;
                yield (unchangeable || type == HashMap.class)
                        && entries(unchangeable ? PlainTag.MAP_OF : PlainTag.HASH_MAP, map, depth);
            }
            default -> false;
        };
    }

    private static int tag(Class<?> type) {
        if (type == ArrayList.class) {
            return PlainTag.ARRAY_LIST;
        }
        if (type == LIST_12) {
            return PlainTag.LIST_OF;
        }
        if (type == LIST_N) {
            return PlainTag.STREAM_LIST;
        }
        if (type == HashSet.class) {
            return PlainTag.HASH_SET;
        }
        if (type == LinkedHashSet.class) {
            return PlainTag.LINKED_HASH_SET;
        }
        return type == SET_12 || type == SET_N ? PlainTag.SET_OF : -1;
    }

    /// What occurs twice must be one object again when it is read, which this form does not do.
    private boolean isNew(Object value) {
        if (seen == null) {
            seen = Collections.newSetFromMap(new IdentityHashMap<>());
        }
        return seen.add(value) || (value instanceof Collection<?> c && c.isEmpty() && c.getClass() == LIST_N);
    }

    private boolean items(int tag, Collection<?> items, int depth) {
        put(tag);
        varint(items.size());
        int written = 0;
        for (Object item : items) {
            if (!value(item, depth + 1)) {
                return false;
            }
            written++;
        }
        return written == items.size() && size < STREAM_MAX_BYTES;
    }

    private boolean entries(int tag, Map<?, ?> map, int depth) {
        put(tag);
        varint(map.size());
        int written = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!value(entry.getKey(), depth + 1) || !value(entry.getValue(), depth + 1)) {
                return false;
            }
            written++;
        }
        return written == map.size() && size < STREAM_MAX_BYTES;
    }

    private boolean array(int tag, int length, int width, MemorySegment elements, byte @Nullable [] asIs) {
        long bytes = (long) length * width;
        if (bytes > Integer.MAX_VALUE - 64) {
            return false;
        }
        if (bytes < APART_BYTES) {
            put(tag);
            varint(length);
            need((int) bytes);
            PlainReader.copy(elements, 0, MemorySegment.ofArray(buffer), size, width, length);
            size += (int) bytes;
            return true;
        }
        put(tag + PlainTag.APART);
        varint(length);
        byte[] frame = asIs;
        if (frame == null || copiesAll) {
            frame = new byte[(int) bytes];
            PlainReader.copy(elements, 0, MemorySegment.ofArray(frame), 0, width, length);
        }
        if (apart.isEmpty()) {
            apart = new ArrayList<>(1);
        }
        apart.add(frame);
        return true;
    }

    private boolean booleans(boolean[] array) {
        byte[] bytes = new byte[array.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (array[i] ? 1 : 0);
        }
        return array(PlainTag.BOOLEANS, bytes.length, 1, MemorySegment.ofArray(bytes), bytes);
    }

    private boolean text(String text) {
        int length = text.length();
        if (length <= SHORT_TEXT_CHARS && ascii(text, length)) {
            return true;
        }
        if (length > SHORT_TEXT_CHARS && !isNew(text)) {
            return false;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        boolean whole = text.equals(new String(utf8, StandardCharsets.UTF_8));
        byte[] bytes = utf8;
        if (!whole) {
            bytes = new byte[2 * length];
            PlainReader.copy(MemorySegment.ofArray(text.toCharArray()), 0, MemorySegment.ofArray(bytes), 0, 2, length);
        }
        if (bytes.length > STREAM_MAX_BYTES - size) {
            return false;
        }
        put(whole ? PlainTag.TEXT : PlainTag.TEXT_UTF16);
        varint(whole ? bytes.length : length);
        need(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
        return true;
    }

    /// Nothing is written if it is not ASCII alone.
    private boolean ascii(String text, int length) {
        need(2 + length);
        byte[] to = buffer;
        int at = size + 2;
        int all = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            all |= c;
            to[at + i] = (byte) c;
        }
        if (all >= 0x80) {
            return false;
        }
        to[size] = PlainTag.TEXT;
        to[size + 1] = (byte) length;
        size = at + length;
        return true;
    }

    private void put(int tag) {
        need(1);
        buffer[size++] = (byte) tag;
    }

    private void number(int tag, long value) {
        put(tag);
        varint((value << 1) ^ (value >> 63));
    }

    private void varint(long value) {
        need(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            buffer[size++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        buffer[size++] = (byte) left;
    }

    private void fixed(int tag, long bits, int bytes) {
        need(9);
        buffer[size] = (byte) tag;
        LONG.set(buffer, size + 1, bits);
        size += 1 + bytes;
    }

    private void need(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, (int)
                    Math.min(Integer.MAX_VALUE - 64, Math.max(2L * buffer.length, (long) size + more)));
        }
    }
}
