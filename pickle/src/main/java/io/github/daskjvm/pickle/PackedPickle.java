package io.github.daskjvm.pickle;

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
        return like == null ? packed : unpack(packed, like);
    }

    /// Bytes of the pickle.
    public int length() {
        return like == null ? packed.length : new Numbers(packed).next();
    }

    private static byte[] unpack(byte[] packed, byte[] like) {
        var numbers = new Numbers(packed);
        byte[] pickle = new byte[numbers.next()];
        int at = 0;
        while (at < pickle.length) {
            int own = numbers.next();
            System.arraycopy(packed, numbers.at, pickle, at, own);
            numbers.at += own;
            at += own;
            if (at < pickle.length) {
                int from = numbers.next();
                int common = numbers.next();
                System.arraycopy(like, from, pickle, at, common);
                at += common;
            }
        }
        return pickle;
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
