package io.github.daskjvm.pickle;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes a [PackedPickle] of places at which a pickle is not as another one, in their order.
final class Differences {
    /// So many equal bytes take no less where they are named than where they are repeated.
    private static final int GAP_MAX = 4;
    /// Bytes of three numbers.
    private static final int NUMBERS_MAX = 15;
    /// A quarter of the pickle at least has to be saved.
    private static final int SAVED_PART_MIN = 4;

    /// For each, where in `like` what is instead begins and ends, and where in the writer's bytes.
    private int[] places = new int[64];

    private int size;
    private byte[] like = {};
    private @Nullable PickleWriter writer;
    private byte[] packed = {};
    private int length;

    void begin(byte[] whole, PickleWriter leaves) {
        like = whole;
        writer = leaves;
        leaves.begin();
        size = 0;
    }

    /// @param value without parts, to be written instead of the bytes between two places
    void add(int likeFrom, int likeTo, @Nullable Object value) throws PickleFormatException {
        PickleWriter leaves = Objects.requireNonNull(writer);
        int begin = leaves.length();
        leaves.leaf(value);
        int end = leaves.length();
        byte[] bytes = leaves.bytes();
        int head = 0;
        if (value instanceof String && like[likeFrom] == bytes[begin]) {
            head = bytes[begin] == (byte) Opcode.SHORT_BINUNICODE ? 2 : 5;
            part(likeFrom, likeFrom + head, bytes, begin, begin + head);
        }
        part(likeFrom + head, likeTo, bytes, begin + head, end);
    }

    /// What is numbered so in the pickle, again.
    void again(int likeFrom, int likeTo, int number) {
        PickleWriter leaves = Objects.requireNonNull(writer);
        int begin = leaves.length();
        leaves.get(number);
        part(likeFrom, likeTo, leaves.bytes(), begin, leaves.length());
    }

    private void part(int likeFrom, int likeTo, byte[] bytes, int begin, int end) {
        int from = likeFrom;
        int to = likeTo;
        int ownFrom = begin;
        int ownTo = end;
        while (from < to && ownFrom < ownTo && like[from] == bytes[ownFrom]) {
            from++;
            ownFrom++;
        }
        while (from < to && ownFrom < ownTo && like[to - 1] == bytes[ownTo - 1]) {
            to--;
            ownTo--;
        }
        if (from == to && ownFrom == ownTo) {
            return;
        }
        if (size + 4 > places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[size] = from;
        places[size + 1] = to;
        places[size + 2] = ownFrom;
        places[size + 3] = ownTo;
        size += 4;
    }

    /// @return null if it is not worth it
    @Nullable
    PackedPickle packed() {
        PickleWriter leaves = Objects.requireNonNull(writer);
        int most = leaves.length() + (size / 4 + 2) * (NUMBERS_MAX + GAP_MAX);
        if (packed.length < most) {
            packed = new byte[2 * most];
        }
        int pickleLength = like.length;
        for (int i = 0; i < size; i += 4) {
            pickleLength += places[i + 3] - places[i + 2] - (places[i + 1] - places[i]);
        }
        length = 0;
        number(pickleLength);
        int done = 0;
        int next = 0;
        while (done < like.length) {
            int last = next;
            while (last < size && places[last] - (last == next ? done : places[last - 3]) < GAP_MAX) {
                last += 4;
            }
            own(leaves.bytes(), done, next, last);
            if (last > next) {
                done = places[last - 3];
            }
            next = last;
            int same = (next < size ? places[next] : like.length) - done;
            if (same > 0) {
                number(done);
                number(same);
            }
            done += same;
        }
        return length > pickleLength - pickleLength / SAVED_PART_MIN
                ? null
                : new PackedPickle(Arrays.copyOf(packed, length), like);
    }

    /// Bytes of some differences and of what is between them.
    private void own(byte[] bytes, int likeFrom, int from, int to) {
        int total = 0;
        int done = likeFrom;
        for (int i = from; i < to; i += 4) {
            total += places[i] - done + places[i + 3] - places[i + 2];
            done = places[i + 1];
        }
        number(total);
        done = likeFrom;
        for (int i = from; i < to; i += 4) {
            copy(like, done, places[i]);
            copy(bytes, places[i + 2], places[i + 3]);
            done = places[i + 1];
        }
    }

    private void copy(byte[] bytes, int from, int to) {
        System.arraycopy(bytes, from, packed, length, to - from);
        length += to - from;
    }

    private void number(int value) {
        length = PackedPickle.putNumber(packed, length, value);
    }
}
