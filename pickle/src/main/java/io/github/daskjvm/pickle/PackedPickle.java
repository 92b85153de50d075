package io.github.daskjvm.pickle;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A pickle, kept as what makes it differ from another one that it is like: of ten thousand tasks of a map each has a
/// name and an argument of its own, and all else is the same bytes.
///
/// With `like`, `packed` has the length of the pickle, and then in turn a number of bytes and these bytes, which
/// come next, and where in `like` the ones after them are, and how many these are. All numbers are little-endian in
/// groups of seven bits, of which the last has its highest bit clear. With the pickle's last byte it ends.
///
/// @param packed the pickle itself, if `like` is null
/// @param like a whole pickle, which is shared
@SuppressWarnings("ArrayRecordComponent")
public record PackedPickle(byte[] packed, byte @Nullable [] like) {
    /// The pickle: a new array, unless it is kept as a whole.
    public byte[] bytes() {
        if (like == null) {
            return packed;
        }
        byte[] pickle = new byte[length()];
        putInto(ByteBuffer.wrap(pickle));
        return pickle;
    }

    /// Puts the pickle into a buffer that has room for it.
    public void putInto(ByteBuffer into) {
        if (like == null) {
            into.put(packed);
            return;
        }
        var numbers = new Numbers(packed);
        int left = numbers.next();
        while (left > 0) {
            int own = numbers.next();
            into.put(packed, numbers.at, own);
            numbers.at += own;
            left -= own;
            if (left > 0) {
                int from = numbers.next();
                int common = numbers.next();
                into.put(like, from, common);
                left -= common;
            }
        }
    }

    /// Bytes of the pickle.
    public int length() {
        return like == null ? packed.length : new Numbers(packed).next();
    }

    /// @return where it ends
    static int putNumber(byte[] into, int at, int number) {
        int end = at;
        int rest = number;
        while (rest > 0x7f) {
            into[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        into[end++] = (byte) rest;
        return end;
    }

    private static final class Numbers {
        private final byte[] bytes;
        private int at;

        Numbers(byte[] bytes) {
            this.bytes = bytes;
        }

        int next() {
            int number = 0;
            int shift = 0;
            byte group;
            do {
                group = bytes[at++];
                number |= (group & 0x7f) << shift;
                shift += 7;
            } while (group < 0);
            return number;
        }
    }
}
