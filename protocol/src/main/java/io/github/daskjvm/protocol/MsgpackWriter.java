package io.github.daskjvm.protocol;

import io.github.daskjvm.pickle.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes one message: msgpack into a growing buffer, payloads as further frames. Not thread-safe.
///
/// Our own rather than a library because the two things that make the codec cheap are not offered by one:
/// payloads leave the msgpack stream as frames by reference, and the caller patches the length of a batch
/// after it has written it ([#patchArrayHeader]).
public final class MsgpackWriter {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer;
    private int size;
    /// Each is a `byte[]` or a [LateFrame].
    private final List<Object> frames = new ArrayList<>();

    private long frameBytes;

    public MsgpackWriter(int expectedBytes) {
        buffer = new byte[Math.max(16, expectedBytes)];
    }

    /// Msgpack bytes written so far, frames not counted.
    public int size() {
        return size;
    }

    /// The msgpack part as a copy of its own.
    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, size);
    }

    /// The frames that follow the msgpack part, in order, as they are now.
    public List<byte[]> frames() {
        List<byte[]> whole = new ArrayList<>(frames.size());
        for (Object frame : frames) {
            whole.add(whole(frame));
        }
        return whole;
    }

    static byte[] whole(Object frame) {
        if (frame instanceof LateFrame late) {
            byte[] bytes = new byte[late.length()];
            late.putInto(ByteBuffer.wrap(bytes));
            return bytes;
        }
        return (byte[]) frame;
    }

    /// How many frames follow the msgpack part.
    public int frameCount() {
        return frames.size();
    }

    /// Bytes of all frames.
    public long frameBytes() {
        return frameBytes;
    }

    /// A `byte[]` or a [LateFrame].
    Object frame(int i) {
        return frames.get(i);
    }

    int frameLength(int i) {
        return length(frames.get(i));
    }

    private static int length(Object frame) {
        return frame instanceof LateFrame late ? late.length() : ((byte[]) frame).length;
    }

    byte[] buffer() {
        return buffer;
    }

    /// Forgets everything written, keeps the buffer.
    public void reset() {
        size = 0;
        frames.clear();
        frameBytes = 0;
    }

    /// Takes back what was written after these marks, such as half a message whose value had no form.
    public void truncate(int toSize, int toFrames) {
        size = toSize;
        while (frames.size() > toFrames) {
            frameBytes -= length(frames.removeLast());
        }
    }

    private int reserve(int bytes) {
        int at = size;
        if (buffer.length - at < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(at + bytes, Math.multiplyExact(buffer.length, 2)));
        }
        size = at + bytes;
        return at;
    }

    private void type(int type) {
        int at = reserve(1);
        buffer[at] = (byte) type;
    }

    private void type8(int type, int value) {
        int at = reserve(2);
        buffer[at] = (byte) type;
        buffer[at + 1] = (byte) value;
    }

    private void type16(int type, int value) {
        int at = reserve(3);
        buffer[at] = (byte) type;
        SHORT.set(buffer, at + 1, (short) value);
    }

    private void type32(int type, int value) {
        int at = reserve(5);
        buffer[at] = (byte) type;
        INT.set(buffer, at + 1, value);
    }

    public void nil() {
        type(0xc0);
    }

    public void bool(boolean value) {
        type(value ? 0xc3 : 0xc2);
    }

    public void int64(long value) {
        if (value >= -32 && value <= 127) {
            type((int) value);
        } else if (value >= 0 && value <= 0xffff) {
            if (value <= 0xff) {
                type8(0xcc, (int) value);
            } else {
                type16(0xcd, (int) value);
            }
        } else if (value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE) {
            type32(0xd2, (int) value);
        } else {
            int at = reserve(9);
            buffer[at] = (byte) 0xd3;
            LONG.set(buffer, at + 1, value);
        }
    }

    public void float64(double value) {
        int at = reserve(9);
        buffer[at] = (byte) 0xcb;
        LONG.set(buffer, at + 1, Double.doubleToRawLongBits(value));
    }

    public void string(String value) {
        int length = value.length();
        if (length <= 31 && Utf8.isAscii(value)) {
            int at = reserve(1 + length);
            buffer[at] = (byte) (0xa0 | length);
            value.getBytes(0, length, buffer, at + 1);
            return;
        }
        if (length <= 0xff && Utf8.isAscii(value)) {
            int at = reserve(2 + length);
            buffer[at] = (byte) 0xd9;
            buffer[at + 1] = (byte) length;
            value.getBytes(0, length, buffer, at + 2);
            return;
        }
        utf8(value.getBytes(StandardCharsets.UTF_8));
    }

    private void utf8(byte[] bytes) {
        int length = bytes.length;
        if (length <= 31) {
            type(0xa0 | length);
        } else if (length <= 0xff) {
            type8(0xd9, length);
        } else if (length <= 0xffff) {
            type16(0xda, length);
        } else {
            type32(0xdb, length);
        }
        raw(bytes);
    }

    public void bin(byte[] bytes) {
        int length = bytes.length;
        if (length <= 0xff) {
            type8(0xc4, length);
        } else if (length <= 0xffff) {
            type16(0xc5, length);
        } else {
            type32(0xc6, length);
        }
        raw(bytes);
    }

    /// Bytes that are msgpack already, such as a value encoded once and sent often.
    public void raw(byte[] bytes) {
        int at = reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
    }

    /// What was written from one [#size] to another, once more.
    public void again(int from, int to) {
        int at = reserve(to - from);
        System.arraycopy(buffer, from, buffer, at, to - from);
    }

    public void arrayHeader(int length) {
        if (length <= 15) {
            type(0x90 | length);
        } else if (length <= 0xffff) {
            type16(0xdc, length);
        } else {
            type32(0xdd, length);
        }
    }

    /// Starts an array whose length is not known yet.
    ///
    /// @return the position to give to [#patchArrayHeader] once it is
    public int openArray() {
        int at = size;
        type32(0xdd, 0);
        return at;
    }

    public void patchArrayHeader(int position, int length) {
        INT.set(buffer, position + 1, length);
    }

    public void mapHeader(int length) {
        if (length <= 15) {
            type(0x80 | length);
        } else if (length <= 0xffff) {
            type16(0xde, length);
        } else {
            type32(0xdf, length);
        }
    }

    /// The marker map for the payload; its header and frames are appended to this message's frames.
    public void payload(Payload payload) {
        marker(payload.kind(), payload.header());
        for (byte[] frame : payload.frames()) {
            add(frame);
        }
    }

    /// The same for a payload of one frame, which is made when the message is written.
    public void payload(Payload.Kind kind, byte[] header, LateFrame frame) {
        marker(kind, header);
        add(frame);
    }

    private void marker(Payload.Kind kind, byte[] header) {
        mapHeader(1);
        string(kind.marker);
        int64(frames.size() + 1L);
        add(header);
    }

    private void add(Object frame) {
        frames.add(frame);
        frameBytes += length(frame);
    }

    /// Any value that messages are made of: null, Boolean, Number, String, byte[], [Payload], Set (as Dask's
    /// `__Set__`), other Collection (as array), Map, Object[] (as array).
    ///
    /// @throws IllegalArgumentException for anything else; nothing of the value has been kept then is not promised
    public void value(@Nullable Object value) {
        // In order of frequency, and not a switch over types, which costs more while code is not compiled well.
        if (value == null) {
            nil();
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof Long number) {
            int64(number);
        } else if (value instanceof Payload payload) {
            payload(payload);
        } else if (value instanceof Boolean truth) {
            bool(truth);
        } else if (value instanceof Double number) {
            float64(number);
        } else if (value instanceof byte[] bytes) {
            bin(bytes);
        } else if (value instanceof Map<?, ?> map) {
            mapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                value(entry.getKey());
                value(entry.getValue());
            }
        } else if (value instanceof Set<?> set) {
            mapHeader(2);
            string("__Set__");
            bool(true);
            string("as-list");
            array(set);
        } else if (value instanceof Collection<?> list) {
            array(list);
        } else {
            rare(value);
        }
    }

    private void rare(Object value) {
        switch (value) {
            case AsPayload form -> form.write(this);
            case Integer i -> int64(i);
            case Float f -> float64(f);
            case Short s -> int64(s);
            case Byte b -> int64(b);
            case MsgpackReader.Bytes bytes -> bin(bytes.value());
            case Object[] array -> array(Arrays.asList(array));
            default ->
                throw new IllegalArgumentException(
                        "no msgpack form for " + value.getClass().getName());
        }
    }

    private void array(Collection<?> items) {
        arrayHeader(items.size());
        for (Object item : items) {
            value(item);
        }
    }
}
