package io.github.daskjvm.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads msgpack into plain Java values: null, Boolean, Long, Double, String, byte[], List, Map, and Set for
/// Dask's `__Set__`; with frames at hand also [Payload]. Byte strings used as map keys become [Bytes], so that
/// they compare by content. Not thread-safe; one reader serves one connection and remembers the short strings
/// it saw, so that field names and states are not allocated again for every message.
public final class MsgpackReader {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int MAX_DEPTH = 512;
    private static final int CACHED_STRING_MAX_BYTES = 24;
    /// For what stands first in an array: in a task key that is a tuple, the name that all tasks of a group share.
    private static final int CACHED_FIRST_MAX_BYTES = 96;

    private static final byte[] NOTHING = new byte[0];
    /// A message without payloads, whose own frame is not looked at.
    private static final List<byte[]> ALONE = List.of(NOTHING);

    /// Of fields: every reader then has the same instance, which is also that of a literal.
    private final StringCache names = new StringCache(512, true);

    private final StringCache texts = new StringCache(256, false);
    private final StringCache firsts = new StringCache(64, false);
    /// Reads payload headers, while this one is in the middle of the message.
    private @Nullable MsgpackReader headers;
    private byte[] data = NOTHING;
    private int position;
    private int end;
    private List<byte[]> frames = List.of();

    /// A byte string as a map key or task key.
    public record Bytes(byte[] value) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bytes that && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }
    }

    /// The message whose frame 0 is msgpack and whose other frames are payloads.
    ///
    /// @throws BadMessageException if frame 0 is not one whole msgpack value, or a marker points nowhere
    public @Nullable Object message(List<byte[]> messageFrames) throws BadMessageException {
        frames = messageFrames;
        try {
            return whole(messageFrames.getFirst());
        } finally {
            frames = List.of();
        }
    }

    /// The message whose only frame is these bytes of the array, which may be used again afterwards.
    ///
    /// @throws BadMessageException as [#message(List)]
    public @Nullable Object message(byte[] msgpack, int from, int to) throws BadMessageException {
        frames = ALONE;
        try {
            return whole(msgpack, from, to);
        } finally {
            frames = List.of();
        }
    }

    /// One msgpack value that fills the array; marker maps stay maps.
    public @Nullable Object whole(byte[] msgpack) throws BadMessageException {
        return whole(msgpack, 0, msgpack.length);
    }

    // ---- for what looks at a message where it is: a ScannedBatch ----

    /// Until [#close], what is below reads these bytes. Marker maps stay maps.
    void open(byte[] msgpack, int from, int to) {
        data = msgpack;
        position = from;
        end = to;
    }

    void close() {
        data = NOTHING;
    }

    int position() {
        return position;
    }

    void goTo(int place) {
        position = place;
    }

    boolean isAtEnd() {
        return position == end;
    }

    /// Whatever is next.
    @Nullable
    Object next() throws BadMessageException {
        return value(0);
    }

    /// How many elements the array has that is next, of which only the head is read; -1, and nothing read, if it is
    /// none.
    int arrayLength() throws BadMessageException {
        return length(0x90, 0xdc);
    }

    /// How many entries the map has that is next, likewise.
    int mapLength() throws BadMessageException {
        return length(0x80, 0xde);
    }

    /// @param few the type of those of up to 15, with their number
    /// @param more the type of those whose number takes 16 bits; the next one has 32
    private int length(int few, int more) throws BadMessageException {
        int type = data[position] & 0xff;
        if ((type & 0xf0) == few) {
            position++;
            return type & 0x0f;
        }
        if (type != more && type != more + 1) {
            return -1;
        }
        position++;
        return type == more ? u16() : length32();
    }

    /// The name of a field, if that is next; null, and nothing read, if something else is, or a long or empty name.
    ///
    /// @param likely to be it
    @Nullable
    FieldName name(@Nullable FieldName likely) {
        int length = (data[position] & 0xff) - 0xa0;
        if (length < 1 || length > FieldName.MAX_BYTES) {
            return null;
        }
        int from = position + 1;
        if (likely != null && length <= end - from && likely.is(data, from, length)) {
            position = from + length;
            return likely;
        }
        position = from;
        return new FieldName(string(length, CACHED_STRING_MAX_BYTES, names), data, from, length);
    }

    /// Passes whatever is next. If it is broken, this says so as reading it would.
    void skip(int depth) throws BadMessageException {
        if (depth > MAX_DEPTH) {
            throw new BadMessageException("msgpack value is nested deeper than " + MAX_DEPTH);
        }
        int type = u8();
        if (type <= 0x7f || type >= 0xe0) {
            return;
        }
        if (type <= 0x8f) {
            skip(2L * (type & 0x0f), depth);
        } else if (type <= 0x9f) {
            skip((long) (type & 0x0f), depth);
        } else if (type <= 0xbf) {
            take(type & 0x1f);
        } else {
            skipLong(type, depth);
        }
    }

    private void skipLong(int type, int depth) throws BadMessageException {
        switch (type) {
            case 0xc0, 0xc2, 0xc3 -> {}
            case 0xcc, 0xd0 -> take(1);
            case 0xcd, 0xd1 -> take(2);
            case 0xca, 0xce, 0xd2 -> take(4);
            case 0xcb, 0xd3 -> take(8);
            case 0xcf -> unsigned64();
            case 0xc4, 0xd9 -> take(u8());
            case 0xc5, 0xda -> take(u16());
            case 0xc6, 0xdb -> take(length32());
            case 0xdc -> skip((long) u16(), depth);
            case 0xdd -> skip((long) length32(), depth);
            case 0xde -> skip(2L * u16(), depth);
            case 0xdf -> skip(2L * length32(), depth);
            default -> throw notInUse(type);
        }
    }

    private void skip(long values, int depth) throws BadMessageException {
        for (long i = 0; i < values; i++) {
            skip(depth + 1);
        }
    }

    private static BadMessageException notInUse(int type) {
        return new BadMessageException("msgpack type 0x" + Integer.toHexString(type) + " is not in use");
    }

    // ---- values ----

    private @Nullable Object whole(byte[] msgpack, int from, int to) throws BadMessageException {
        data = msgpack;
        position = from;
        end = to;
        try {
            Object value = value(0);
            if (position != end) {
                throw new BadMessageException("msgpack value ends at byte " + (position - from) + " of " + (to - from));
            }
            return value;
        } catch (IndexOutOfBoundsException e) {
            throw new BadMessageException("msgpack value is cut off after " + (to - from) + " bytes", e);
        } finally {
            data = NOTHING;
        }
    }

    private @Nullable Object value(int depth) throws BadMessageException {
        if (depth > MAX_DEPTH) {
            throw new BadMessageException("msgpack value is nested deeper than " + MAX_DEPTH);
        }
        int type = u8();
        if (type <= 0x7f) {
            return (long) type;
        }
        if (type >= 0xe0) {
            return (long) (byte) type;
        }
        if (type <= 0x8f) {
            return map(type & 0x0f, depth);
        }
        if (type <= 0x9f) {
            return array(type & 0x0f, depth);
        }
        if (type <= 0xbf) {
            return string(type & 0x1f);
        }
        return switch (type) {
            case 0xc0 -> null;
            case 0xc2 -> Boolean.FALSE;
            case 0xc3 -> Boolean.TRUE;
            case 0xc4 -> bin(u8());
            case 0xc5 -> bin(u16());
            case 0xc6 -> bin(length32());
            case 0xca -> (double) Float.intBitsToFloat(i32());
            case 0xcb -> Double.longBitsToDouble(i64());
            case 0xcc -> (long) u8();
            case 0xcd -> (long) u16();
            case 0xce -> i32() & 0xffffffffL;
            case 0xcf -> unsigned64();
            case 0xd0 -> (long) (byte) u8();
            case 0xd1 -> (long) (short) u16();
            case 0xd2 -> (long) i32();
            case 0xd3 -> i64();
            case 0xd9 -> string(u8());
            case 0xda -> string(u16());
            case 0xdb -> string(length32());
            case 0xdc -> array(u16(), depth);
            case 0xdd -> array(length32(), depth);
            case 0xde -> map(u16(), depth);
            case 0xdf -> map(length32(), depth);
            default -> throw notInUse(type);
        };
    }

    private int u8() {
        return data[take(1)] & 0xff;
    }

    private int u16() {
        return (short) SHORT.get(data, take(2)) & 0xffff;
    }

    private int i32() {
        return (int) INT.get(data, take(4));
    }

    private long i64() {
        return (long) LONG.get(data, take(8));
    }

    private Long unsigned64() throws BadMessageException {
        long value = i64();
        if (value < 0) {
            throw new BadMessageException("integer " + Long.toUnsignedString(value) + " is beyond 63 bits");
        }
        return value;
    }

    /// A length that what is left could hold: every element takes at least one byte.
    private int length32() throws BadMessageException {
        int length = i32();
        if (length < 0 || length > end - position) {
            throw new BadMessageException(
                    "msgpack length " + (length & 0xffffffffL) + " exceeds the " + (end - position) + " bytes left");
        }
        return length;
    }

    private byte[] bin(int length) {
        int from = take(length);
        return Arrays.copyOfRange(data, from, from + length);
    }

    private int take(int length) {
        int from = position;
        if (length > end - from) {
            throw new IndexOutOfBoundsException(length);
        }
        position = from + length;
        return from;
    }

    private String string(int length) {
        return string(length, CACHED_STRING_MAX_BYTES, texts);
    }

    private String string(int length, int cachedMaxBytes, StringCache cache) {
        int from = take(length);
        return length > cachedMaxBytes
                ? new String(data, from, length, StandardCharsets.UTF_8)
                : cache.get(data, from, length);
    }

    private List<@Nullable Object> array(int length, int depth) throws BadMessageException {
        var list = new ArrayList<@Nullable Object>(Math.min(length, end - position));
        if (length > 0) {
            list.add(first(depth + 1));
        }
        for (int i = 1; i < length; i++) {
            list.add(value(depth + 1));
        }
        return Collections.unmodifiableList(list);
    }

    private @Nullable Object first(int depth) throws BadMessageException {
        int type = data[position] & 0xff;
        if ((type & 0xe0) == 0xa0) {
            position++;
            return string(type & 0x1f, CACHED_FIRST_MAX_BYTES, firsts);
        }
        if (type == 0xd9) {
            position++;
            return string(u8(), CACHED_FIRST_MAX_BYTES, firsts);
        }
        return value(depth);
    }

    private @Nullable Object map(int length, int depth) throws BadMessageException {
        if (length <= SmallMap.MAX_ENTRIES) {
            var keysAndValues = new @Nullable Object[2 * length];
            for (int at = 0; at < keysAndValues.length; at += 2) {
                keysAndValues[at] = mapKey(depth);
                keysAndValues[at + 1] = value(depth + 1);
            }
            var map = new SmallMap(keysAndValues);
            return length == 1 || length == 2 ? special(map) : map;
        }
        var map = LinkedHashMap.<@Nullable Object, @Nullable Object>newLinkedHashMap(Math.min(length, end - position));
        for (int i = 0; i < length; i++) {
            Object key = mapKey(depth);
            map.put(key, value(depth + 1));
        }
        return map;
    }

    private @Nullable Object mapKey(int depth) throws BadMessageException {
        int type = data[position] & 0xff;
        if ((type & 0xe0) == 0xa0) {
            position++;
            return string(type & 0x1f, CACHED_STRING_MAX_BYTES, names);
        }
        Object key = value(depth + 1);
        return key instanceof byte[] bytes ? new Bytes(bytes) : key;
    }

    private @Nullable Object special(Map<@Nullable Object, @Nullable Object> map) throws BadMessageException {
        if (map.get("as-list") instanceof List<?> items && Boolean.TRUE.equals(map.get("__Set__"))) {
            return new LinkedHashSet<@Nullable Object>(items);
        }
        if (map.size() != 1 || frames.isEmpty()) {
            return map;
        }
        if (map.get("__Serialized__") instanceof Long index) {
            return payload(Payload.Kind.SERIALIZED, index);
        }
        if (map.get("__Pickled__") instanceof Long index) {
            return payload(Payload.Kind.PICKLED, index);
        }
        return map;
    }

    private Payload payload(Payload.Kind kind, long index) throws BadMessageException {
        if (index < 1 || index >= frames.size()) {
            throw new BadMessageException(
                    kind + " payload points to frame " + index + " of a message of " + frames.size() + " frames");
        }
        byte[] header = frames.get((int) index);
        long count = subFrameCount(header);
        if (count < 0 || index + 1 + count > frames.size()) {
            throw new BadMessageException(kind + " payload at frame " + index + " announces " + count
                    + " sub-frames; the message has " + (frames.size() - index - 1) + " left");
        }
        int from = (int) index + 1;
        return new Payload(kind, header, List.copyOf(frames.subList(from, from + (int) count)));
    }

    private long subFrameCount(byte[] header) throws BadMessageException {
        if (headers == null) {
            headers = new MsgpackReader();
        }
        Object parsed = headers.whole(header);
        if (parsed instanceof Map<?, ?> map && map.get("num-sub-frames") instanceof Long count) {
            return count;
        }
        throw new BadMessageException("payload header lacks the number num-sub-frames");
    }
}
