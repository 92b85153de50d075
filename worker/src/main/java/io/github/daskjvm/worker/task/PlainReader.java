package io.github.daskjvm.worker.task;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads the plain form, see [PlainTag]. It can make objects of the classes named there and of no others, so it
/// needs no filter; and nothing larger than a small multiple of the bytes that came.
final class PlainReader {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private static final boolean NATIVE_IS_LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final byte[] data;
    private final List<byte[]> frames;
    private int position = 1;
    private int frame = 1;
    private long items;

    private PlainReader(List<byte[]> frames) {
        this.data = frames.getFirst();
        this.frames = frames;
    }

    /// Whether the frames are of this form and not a stream of Java's own.
    static boolean isPlain(List<byte[]> frames) {
        return !frames.isEmpty() && frames.getFirst().length > 0 && frames.getFirst()[0] == PlainTag.VERSION;
    }

    /// @param frames the stream, and the arrays that are frames of their own; a `byte[]` among these is handed
    ///     out as it is
    /// @throws IOException if they are damaged
    static @Nullable Object read(List<byte[]> frames) throws IOException {
        if (!isPlain(frames)) {
            throw new IOException("the value's bytes are not of the plain form, version " + PlainTag.VERSION);
        }
        var reader = new PlainReader(frames);
        try {
            Object value = reader.value(0);
            if (reader.position != reader.data.length || reader.frame != frames.size()) {
                throw damaged("more bytes than the value has");
            }
            return value;
        } catch (IndexOutOfBoundsException e) {
            throw damaged("they are cut off");
        } catch (IllegalArgumentException | NullPointerException e) {
            throw damaged(String.valueOf(e.getMessage()));
        }
    }

    private static IOException damaged(String how) {
        return new IOException("the value's bytes cannot be read: " + how);
    }

    private @Nullable Object value(int depth) throws IOException {
        if (depth > PlainTag.DEPTH_MAX) {
            throw damaged("nested deeper than " + PlainTag.DEPTH_MAX);
        }
        int tag = data[position++];
        return switch (tag) {
            case PlainTag.NULL -> null;
            case PlainTag.FALSE -> false;
            case PlainTag.TRUE -> true;
            case PlainTag.BYTE -> data[position++];
            case PlainTag.SHORT -> i16();
            case PlainTag.CHAR -> (char) i16();
            case PlainTag.INT -> (int) zigzag();
            case PlainTag.LONG -> zigzag();
            case PlainTag.FLOAT -> Float.intBitsToFloat(i32());
            case PlainTag.DOUBLE -> Double.longBitsToDouble(i64());
            case PlainTag.TEXT -> text();
            case PlainTag.TEXT_UTF16 -> new String((char[]) array(PlainTag.CHARS));
            case PlainTag.KEY_REFERENCE -> keyReference(depth);
            case PlainTag.TEXTS -> texts(depth);
            case PlainTag.ARRAY_LIST -> {
                int count = items(1);
                yield filled(new ArrayList<>(count), count, depth);
            }
            case PlainTag.LIST_OF -> List.of(objects(depth));
            case PlainTag.STREAM_LIST -> Stream.of(objects(depth)).toList();
            case PlainTag.ARGUMENTS -> Arrays.asList(objects(depth));
            case PlainTag.HASH_SET -> {
                int count = items(1);
                yield filled(HashSet.newHashSet(count), count, depth);
            }
            case PlainTag.LINKED_HASH_SET -> {
                int count = items(1);
                yield filled(LinkedHashSet.newLinkedHashSet(count), count, depth);
            }
            case PlainTag.SET_OF -> Set.of(objects(depth));
            case PlainTag.HASH_MAP -> map(depth);
            case PlainTag.MAP_OF -> Map.copyOf(map(depth));
            default -> array(tag);
        };
    }

    private Object keyReference(int depth) throws IOException {
        Object key = value(depth + 1);
        if (key == null) {
            throw damaged("a reference without a key");
        }
        return new KeyReference(key);
    }

    private int length(int width) throws IOException {
        long count = varint();
        if (count < 0 || count > (data.length - position) / width) {
            throw damaged("a length of " + count + " with " + (data.length - position) + " bytes left");
        }
        return (int) count;
    }

    /// A number of values, each of which takes at least a byte: all containers together can't have more than that, so
    /// that those in one another can't each be as large as the whole.
    private int items(int perEntry) throws IOException {
        int count = length(perEntry);
        items += (long) count * perEntry;
        if (items > data.length) {
            throw damaged("more values than bytes");
        }
        return count;
    }

    private Collection<@Nullable Object> filled(Collection<@Nullable Object> items, int count, int depth)
            throws IOException {
        for (int i = 0; i < count; i++) {
            items.add(value(depth + 1));
        }
        return items;
    }

    @SuppressWarnings("NullAway") // An array of nullable elements.
    private Object[] objects(int depth) throws IOException {
        var objects = new Object[items(1)];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = value(depth + 1);
        }
        return objects;
    }

    private Object texts(int depth) throws IOException {
        var texts = new @Nullable String[items(1)];
        for (int i = 0; i < texts.length; i++) {
            Object text = value(depth + 1);
            if (text != null && !(text instanceof String)) {
                throw damaged("not a text");
            }
            texts[i] = (String) text;
        }
        return texts;
    }

    private Map<@Nullable Object, @Nullable Object> map(int depth) throws IOException {
        int count = items(2);
        var map = HashMap.<@Nullable Object, @Nullable Object>newHashMap(count);
        for (int i = 0; i < count; i++) {
            Object key = value(depth + 1);
            map.put(key, value(depth + 1));
        }
        if (map.size() != count) {
            throw damaged("a map with a key twice");
        }
        return map;
    }

    private String text() throws IOException {
        int length = length(1);
        var text = new String(data, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    private Object array(int tag) throws IOException {
        boolean apart = tag >= PlainTag.BYTES + PlainTag.APART;
        int type = apart ? tag - PlainTag.APART : tag;
        int width = switch (type) {
            case PlainTag.BYTES, PlainTag.BOOLEANS -> 1;
            case PlainTag.SHORTS, PlainTag.CHARS -> 2;
            case PlainTag.INTS, PlainTag.FLOATS -> 4;
            case PlainTag.LONGS, PlainTag.DOUBLES -> 8;
            default -> throw damaged("an unknown tag " + tag);
        };
        if (apart) {
            long count = varint();
            byte[] bytes = frames.get(frame++);
            if (count != bytes.length / width || bytes.length % width != 0) {
                throw damaged("an array of " + count + " elements in " + bytes.length + " bytes");
            }
            return type == PlainTag.BYTES ? bytes : elements(type, bytes, 0, (int) count);
        }
        int count = length(width);
        Object array = elements(type, data, position, count);
        position += count * width;
        return array;
    }

    private static Object elements(int type, byte[] bytes, int at, int count) {
        return switch (type) {
            case PlainTag.BYTES -> Arrays.copyOfRange(bytes, at, at + count);
            case PlainTag.BOOLEANS -> {
                var array = new boolean[count];
                for (int i = 0; i < count; i++) {
                    array[i] = bytes[at + i] != 0;
                }
                yield array;
            }
            case PlainTag.SHORTS -> {
                var array = new short[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 2, count);
                yield array;
            }
            case PlainTag.CHARS -> {
                var array = new char[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 2, count);
                yield array;
            }
            case PlainTag.INTS -> {
                var array = new int[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 4, count);
                yield array;
            }
            case PlainTag.FLOATS -> {
                var array = new float[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 4, count);
                yield array;
            }
            case PlainTag.LONGS -> {
                var array = new long[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 8, count);
                yield array;
            }
            default -> {
                var array = new double[count];
                copy(MemorySegment.ofArray(bytes), at, MemorySegment.ofArray(array), 0, 8, count);
                yield array;
            }
        };
    }

    /// Elements of so many bytes between an array and bytes in little-endian order.
    static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt, int width, int count) {
        if (NATIVE_IS_LITTLE || width == 1) {
            MemorySegment.copy(from, fromAt, to, toAt, (long) width * count);
            return;
        }
        ValueLayout here = switch (width) {
            case 8 -> ValueLayout.JAVA_LONG_UNALIGNED;
            case 4 -> ValueLayout.JAVA_INT_UNALIGNED;
            default -> ValueLayout.JAVA_SHORT_UNALIGNED;
        };
        MemorySegment.copy(from, here, fromAt, to, here.withOrder(ByteOrder.LITTLE_ENDIAN), toAt, count);
    }

    private short i16() {
        short value = (short) SHORT.get(data, position);
        position += 2;
        return value;
    }

    private int i32() {
        int value = (int) INT.get(data, position);
        position += 4;
        return value;
    }

    private long i64() {
        long value = (long) LONG.get(data, position);
        position += 8;
        return value;
    }

    private long zigzag() throws IOException {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = data[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw damaged("a number of more than 64 bits");
    }
}
