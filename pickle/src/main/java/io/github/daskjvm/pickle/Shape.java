package io.github.daskjvm.pickle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The opcodes that make one item of a dict, so that another item of the same opcodes need not be parsed. It is the
/// same but for integers, for which of its own objects are in frozen sets, in which order, and for numbers in the
/// memo where these are its own.
///
/// That is so if the opcodes take and change nothing but what they made themselves, as [#of] makes sure. Of what was
/// there before, the memo alone is read, and the other item must read the same. Parsed, both would be the same
/// structure with the same repetitions.
public final class Shape {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int BYTES_MAX = 1 << 14;
    private static final int INTEGER = -1;
    private static final int ANY = -2;
    private static final int PLAIN = -1;

    private final byte[] data;
    /// Where integers and own numbers of the memo begin and end, two places each; between them bytes are equal.
    private int[] places = new int[64];
    /// For each of these, the number in the memo, from the item's first; or [#INTEGER]; or, if it may be any of so
    /// many, [#ANY] less these.
    private int[] numbers = new int[32];

    private int count;
    private int variables;
    private final int from;
    private int end;
    /// How many objects the item adds to the memo.
    private int remembered;
    private int[] differing = {};
    /// Of the item that was found last, in order: its integers, and numbers of its own objects in sets.
    int[] found = {};
    /// Where it ends.
    int foundTo;

    /// What whoever asks about items of this shape found out.
    public @Nullable Object note;
    /// Writes them; null for none so far.
    @Nullable
    SpanTemplate template;
    /// Of templates before that one; -1 if there can be none.
    int uses;

    private Shape(byte[] data, int from) {
        this.data = data;
        this.from = from;
    }

    /// @param from where an item begins that was parsed
    /// @param to where the next one begins
    /// @param memoFrom how much was in the memo before it
    /// @return null if it is not so simple that others may be like it
    static @Nullable Shape of(byte[] data, int from, int to, int memoFrom) {
        if (to - from > BYTES_MAX) {
            return null;
        }
        var shape = new Shape(data, from);
        if (!shape.new Check(memoFrom).run(to)) {
            return null;
        }
        shape.differing = new int[shape.variables];
        return shape;
    }

    int remembered() {
        return remembered;
    }

    /// Whether what begins there is an item of this shape; then [#found] and [#foundTo] say what is.
    ///
    /// @param limit where the pickle ends
    boolean matches(int at, int limit, int memoFrom) {
        int variable = 0;
        int mine = from;
        int other = at;
        for (int i = 0; i < count; i++) {
            int run = places[2 * i] - mine;
            if (run + 5 > limit - other || !equal(mine, other, run)) {
                return false;
            }
            other += run;
            mine = places[2 * i + 1];
            int expected = numbers[i];
            if (expected == INTEGER) {
                int length = lengthOfInteger(data[other]);
                if (length == 0) {
                    return false;
                }
                differing[variable++] = integer(data, other);
                other += length;
                continue;
            }
            int number = data[other] == data[places[2 * i]] ? got(other) - memoFrom : -1;
            if (expected >= 0 ? number != expected : number < 0 || number >= ANY - expected) {
                return false;
            }
            if (expected < 0) {
                differing[variable++] = number;
            }
            other += mine - places[2 * i];
        }
        int run = end - mine;
        if (run > limit - other || !equal(mine, other, run)) {
            return false;
        }
        found = differing.clone();
        foundTo = other + run;
        return true;
    }

    private static int lengthOfInteger(int opcode) {
        return switch (opcode) {
            case Opcode.BININT1 -> 2;
            case Opcode.BININT2 -> 3;
            case Opcode.BININT -> 5;
            default -> 0;
        };
    }

    /// Whether the own object at one of the places may be another of the item's.
    boolean isAny(int place) {
        return numbers[place] <= ANY;
    }

    private boolean equal(int mine, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (data[mine + i] != data[other + i]) {
                return false;
            }
        }
        return true;
    }

    private int got(int at) {
        return data[at] == Opcode.BINGET ? data[at + 1] & 0xff : (int) INT.get(data, at + 1);
    }

    private static int integer(byte[] data, int at) {
        return switch (data[at]) {
            case Opcode.BININT1 -> data[at + 1] & 0xff;
            case Opcode.BININT2 -> data[at + 1] & 0xff | (data[at + 2] & 0xff) << 8;
            default -> (int) INT.get(data, at + 1);
        };
    }

    private void place(int begin, int to, int number) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
            places = Arrays.copyOf(places, 4 * count);
        }
        numbers[count] = number;
        places[2 * count] = begin;
        places[2 * count + 1] = to;
        count++;
    }

    /// Goes through the opcodes with no more than whether each value was made by them.
    private final class Check {
        private final int memoFrom;
        private boolean[] own = new boolean[32];
        /// Which place put it there, plus one; 0 for none; [#PLAIN] for what no pickle has in its memo.
        private int[] by = new int[32];

        private int height;
        private int[] marks = new int[16];
        private int markCount;
        /// For each place, how many objects of the item were in the memo there.
        private int[] known = new int[32];

        private int at = from;

        Check(int memoFrom) {
            this.memoFrom = memoFrom;
        }

        boolean run(int to) {
            while (at < to) {
                if (!step(data[at] & 0xff, to)) {
                    return false;
                }
            }
            end = to;
            return at == to && markCount == 0 && height == 2 && own[0] && own[1] && variables > 0;
        }

        private boolean step(int opcode, int to) {
            return switch (opcode) {
                case Opcode.NONE, Opcode.NEWTRUE, Opcode.NEWFALSE, Opcode.EMPTY_TUPLE -> plain(1, to);
                case Opcode.EMPTY_LIST, Opcode.EMPTY_DICT, Opcode.EMPTY_SET -> leaf(1, to);
                case Opcode.BININT1 -> integer(2, to);
                case Opcode.BININT2 -> integer(3, to);
                case Opcode.BININT -> integer(5, to);
                case Opcode.BINFLOAT -> plain(9, to);
                case Opcode.SHORT_BINUNICODE, Opcode.SHORT_BINBYTES ->
                    to - at > 1 && leaf(2 + (data[at + 1] & 0xff), to);
                case Opcode.BINUNICODE, Opcode.BINBYTES -> to - at > 4 && sized((int) INT.get(data, at + 1), to);
                case Opcode.BINGET -> to - at > 1 && get(data[at + 1] & 0xff, 2);
                case Opcode.LONG_BINGET -> to - at > 4 && get((int) INT.get(data, at + 1), 5);
                case Opcode.MEMOIZE -> remember();
                case Opcode.MARK -> mark();
                case Opcode.TUPLE1 -> made(1);
                case Opcode.TUPLE2, Opcode.STACK_GLOBAL, Opcode.REDUCE, Opcode.NEWOBJ -> made(2);
                case Opcode.TUPLE3, Opcode.NEWOBJ_EX -> made(3);
                case Opcode.TUPLE -> unmark() && made(0);
                case Opcode.FROZENSET -> set() && made(0);
                case Opcode.APPEND, Opcode.BUILD -> changed(1);
                case Opcode.SETITEM -> changed(2);
                case Opcode.APPENDS, Opcode.SETITEMS, Opcode.ADDITEMS -> unmark() && changed(0);
                default -> false;
            };
        }

        private boolean leaf(int length, int to) {
            if (length > to - at) {
                return false;
            }
            at += length;
            push(true);
            return true;
        }

        private boolean plain(int length, int to) {
            if (!leaf(length, to)) {
                return false;
            }
            by[height - 1] = PLAIN;
            return true;
        }

        private boolean sized(int length, int to) {
            return length >= 0 && length < BYTES_MAX && leaf(5 + length, to);
        }

        private boolean integer(int length, int to) {
            place(at, at + length, INTEGER);
            variables++;
            return plain(length, to);
        }

        private boolean get(int number, int length) {
            boolean mine = number >= memoFrom;
            if (number < 0 || mine && number - memoFrom >= remembered) {
                return false;
            }
            push(mine);
            if (mine) {
                place(at, at + length, number - memoFrom);
                by[height - 1] = count;
                known = Arrays.copyOf(known, Math.max(known.length, numbers.length));
                known[count - 1] = remembered;
            }
            at += length;
            return true;
        }

        private boolean remember() {
            remembered++;
            at++;
            return holds(1) && own[height - 1] && by[height - 1] != PLAIN;
        }

        private boolean mark() {
            if (markCount == marks.length) {
                marks = Arrays.copyOf(marks, 2 * markCount);
            }
            marks[markCount++] = height;
            at++;
            return true;
        }

        private boolean unmark() {
            if (markCount == 0) {
                return false;
            }
            height = marks[--markCount];
            return true;
        }

        /// Which of its own objects are in a set, in which order, may differ.
        private boolean set() {
            int to = height;
            if (!unmark()) {
                return false;
            }
            for (int i = height; i < to; i++) {
                if (by[i] > 0 && numbers[by[i] - 1] >= 0) {
                    numbers[by[i] - 1] = ANY - known[by[i] - 1];
                    variables++;
                }
            }
            return true;
        }

        private boolean made(int taken) {
            if (!holds(taken)) {
                return false;
            }
            height -= taken;
            push(true);
            at++;
            return true;
        }

        private boolean changed(int taken) {
            if (!holds(taken + 1)) {
                return false;
            }
            height -= taken;
            at++;
            return own[height - 1];
        }

        private boolean holds(int size) {
            return height - size >= (markCount == 0 ? 0 : marks[markCount - 1]);
        }

        private void push(boolean isOwn) {
            if (height == own.length) {
                own = Arrays.copyOf(own, 2 * height);
                by = Arrays.copyOf(by, 2 * height);
            }
            by[height] = 0;
            own[height++] = isOwn;
        }
    }
}
