package io.github.daskjvm.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The name of a field, with its first and last eight bytes as numbers: whether the next message has it in the same
/// place
/// is seen by two comparisons.
final class FieldName {
    /// Longer ones are not in use.
    static final int MAX_BYTES = 16;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int WORD_BYTES = Long.BYTES;

    final String text;
    final int hash;
    private final int length;
    private final long head;
    private final long tail;

    /// @param text what these bytes of the array say, of which there are 1 to [#MAX_BYTES]
    FieldName(String text, byte[] data, int from, int length) {
        this.text = text;
        this.hash = text.hashCode();
        this.length = length;
        this.head = word(data, from, Math.min(length, WORD_BYTES));
        this.tail = word(data, from + Math.max(0, length - WORD_BYTES), Math.min(length, WORD_BYTES));
    }

    private static long word(byte[] data, int from, int length) {
        long word = 0;
        for (int i = 0; i < length; i++) {
            word |= (data[from + i] & 0xffL) << (Byte.SIZE * i);
        }
        return word;
    }

    /// Whether these bytes are it. May say no if they are the last of the array.
    boolean is(byte[] data, int from, int bytes) {
        if (bytes != length || data.length - from < WORD_BYTES) {
            return false;
        }
        long first = (long) LONG.get(data, from);
        return bytes < WORD_BYTES
                ? first << (Long.SIZE - Byte.SIZE * bytes) == head << (Long.SIZE - Byte.SIZE * bytes)
                : first == head && (long) LONG.get(data, from + bytes - WORD_BYTES) == tail;
    }
}
