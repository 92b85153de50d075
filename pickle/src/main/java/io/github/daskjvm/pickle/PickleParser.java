package io.github.daskjvm.pickle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Reads a pickle of protocols 3 to 5 as structure. Nothing is looked up, called or compared; what it takes is a few
/// times the pickle's size, whatever the pickle says.
///
/// Not read, with an exception that says so: older protocols, persistent ids, extension codes, text that is no valid
/// UTF-8, and a call for nothing but its side effect (but for a state setter).
/// Opcodes are those of PEP 307, 3154 and 574.
public final class PickleParser {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.BIG_ENDIAN);

    /// Python has only one.
    private static final PyNode.Tuple EMPTY = new PyNode.Tuple();

    private final byte[] data;
    private final int end;
    private int position;
    private int buffers;
    private @Nullable Object[] stack = new Object[64];
    private int height;
    /// Heights of the stack at open marks.
    private int[] marks = new int[16];
    private int markCount;
    private @Nullable Object[] memo = new Object[64];
    private int memoCount;
    private final Predicate<PyNode.Global> unwanted;
    /// Passes items over; null for none.
    private @Nullable Spans spans;
    /// Of a part that is parsed by itself: who read what is before it, and how much that was.
    private @Nullable PickleParser before;

    private int memoFrom;
    /// Has places for integers and own numbers of the memo, if these are to be told apart; and how many of them, and
    /// of those that may differ, there were.
    private @Nullable Shape marking;

    private int placeCount;
    private int variableCount;

    private PickleParser(byte[] data, int from, int to, Predicate<PyNode.Global> unwanted) {
        this.data = data;
        this.unwanted = unwanted;
        this.position = from;
        this.end = to;
    }

    /// What the pickle makes.
    ///
    /// @throws PickleFormatException if it is cut off, damaged, or has what is not read here
    public static @Nullable Object parse(byte[] pickle) throws PickleFormatException {
        return parse(pickle, 0, pickle.length);
    }

    /// As [#parse(byte[])], of a part of an array; bytes after the pickle's end are not looked at.
    public static @Nullable Object parse(byte[] data, int from, int to) throws PickleFormatException {
        if (from < 0 || to > data.length || from > to) {
            throw new IndexOutOfBoundsException("bytes " + from + " to " + to + " of " + data.length);
        }
        return new PickleParser(data, from, to, global -> false).run();
    }

    /// As [#parse(byte[])], given up as soon as the pickle names something that is not wanted.
    ///
    /// @throws PickleFormatException then, too
    public static @Nullable Object parse(byte[] pickle, Predicate<PyNode.Global> unwanted)
            throws PickleFormatException {
        return new PickleParser(pickle, 0, pickle.length, unwanted).run();
    }

    /// As above, but for a dict named `mapping`: an item of the same opcodes as an earlier one's is a [Span], which is
    /// both key and value of the dict. What would make of the pickle something else than without these is refused.
    ///
    /// @throws PickleFormatException also if the pickle is such that it can't be read so
    public static @Nullable Object parse(byte[] pickle, Predicate<PyNode.Global> unwanted, Spans spans)
            throws PickleFormatException {
        var parser = new PickleParser(pickle, 0, pickle.length, unwanted);
        parser.spans = spans;
        return parser.run();
    }

    /// @param marked as [Span#marked] has it
    Span.Item item(Span span, boolean marked) throws PickleFormatException {
        var part = new PickleParser(data, span.from, span.to, unwanted);
        part.before = this;
        part.memoFrom = span.memoFrom;
        part.memoCount = span.memoFrom;
        part.marking = marked ? span.shape : null;
        try {
            while (part.position < span.to) {
                int at = part.position;
                part.value(part.u8(), at);
            }
            Object value = part.pop();
            var item = new Span.Item(part.pop(), value, part.memo);
            if (!marked) {
                System.arraycopy(part.memo, 0, memo, span.memoFrom, span.shape.remembered());
            }
            return item;
        } catch (IndexOutOfBoundsException | NoSuchElementException | ClassCastException e) {
            throw new PickleFormatException("the pickle is damaged at byte " + part.position, e);
        }
    }

    /// Where a dict's item may begin: those that are like an earlier one are passed over.
    private void items() {
        Spans known = spans;
        if (known == null || !known.isItem(markCount, markCount == 0 ? 0 : height - marks[markCount - 1])) {
            return;
        }
        known.parsed(data, position, height);
        for (Span span = known.next(this, position, end, memoCount);
                span != null;
                span = known.next(this, position, end, memoCount)) {
            int count = memoCount + span.shape.remembered();
            if (count > memo.length) {
                memo = Arrays.copyOf(memo, Math.max(count, 2 * memo.length));
            }
            Arrays.fill(memo, memoCount, count, span);
            memoCount = count;
            position = span.to;
            push(span);
            push(span);
        }
        known.begins(position, memoCount, height);
    }

    private Object integer(int value) {
        if (marking == null) {
            return (long) value;
        }
        placeCount++;
        return new Span.Integral(variableCount++, value);
    }

    private @Nullable Object run() throws PickleFormatException {
        int at = position;
        try {
            if (u8() != Opcode.PROTO) {
                throw new PickleFormatException("this is no pickle of protocol 3, 4 or 5");
            }
            protocol(u8());
            while (true) {
                at = position;
                int opcode = u8();
                if (opcode == Opcode.STOP) {
                    Object value = pop();
                    if (height > 0 || markCount > 0) {
                        throw new PickleFormatException("the pickle ends with values left over, at byte " + at);
                    }
                    return value;
                }
                value(opcode, at);
            }
        } catch (IndexOutOfBoundsException | NoSuchElementException | ClassCastException e) {
            throw new PickleFormatException("the pickle is cut off or damaged at byte " + at, e);
        }
    }

    private void value(int opcode, int at) throws PickleFormatException {
        switch (opcode) {
            case Opcode.FRAME -> skip(8);
            case Opcode.NONE -> push(null);
            case Opcode.NEWTRUE -> push(Boolean.TRUE);
            case Opcode.NEWFALSE -> push(Boolean.FALSE);
            case Opcode.BININT -> push(integer(i32()));
            case Opcode.BININT1 -> push(integer(u8()));
            case Opcode.BININT2 -> push(integer(u8() | u8() << 8));
            case Opcode.LONG1 -> push(integer(take(u8())));
            case Opcode.LONG4 -> push(integer(take(i32())));
            case Opcode.BINFLOAT -> push((double) DOUBLE.get(data, skip(8)));
            case Opcode.SHORT_BINUNICODE -> push(text(u8()));
            case Opcode.BINUNICODE -> push(text(i32()));
            case Opcode.BINUNICODE8 -> push(text(length64()));
            case Opcode.SHORT_BINBYTES -> push(take(u8()));
            case Opcode.BINBYTES -> push(take(i32()));
            case Opcode.BINBYTES8 -> push(take(length64()));
            case Opcode.BYTEARRAY8 -> push(new PyNode.ByteArray(take(length64())));
            case Opcode.MEMOIZE -> remember(memoCount);
            case Opcode.BINPUT -> remember(u8());
            case Opcode.LONG_BINPUT -> remember(i32());
            case Opcode.BINGET -> push(remembered(u8()));
            case Opcode.LONG_BINGET -> push(remembered(i32()));
            default -> container(opcode, at);
        }
    }

    private void container(int opcode, int at) throws PickleFormatException {
        switch (opcode) {
            case Opcode.MARK -> mark();
            case Opcode.EMPTY_TUPLE -> push(EMPTY);
            case Opcode.TUPLE1 -> push(new PyNode.Tuple(top(1)));
            case Opcode.TUPLE2 -> push(new PyNode.Tuple(top(2)));
            case Opcode.TUPLE3 -> push(new PyNode.Tuple(top(3)));
            case Opcode.TUPLE -> push(new PyNode.Tuple(marked()));
            case Opcode.EMPTY_LIST -> push(new PyNode.PyList());
            case Opcode.EMPTY_DICT -> push(new PyNode.Dict());
            case Opcode.EMPTY_SET -> push(new PyNode.PySet());
            case Opcode.FROZENSET -> push(new PyNode.FrozenSet(marked()));
            case Opcode.APPEND -> append(top(1));
            case Opcode.APPENDS -> append(marked());
            case Opcode.SETITEM -> put(top(2), at);
            case Opcode.SETITEMS -> put(marked(), at);
            case Opcode.ADDITEMS -> add(marked());
            default -> object(opcode, at);
        }
    }

    private void object(int opcode, int at) throws PickleFormatException {
        switch (opcode) {
            case Opcode.GLOBAL -> global(line(), line());
            case Opcode.STACK_GLOBAL -> {
                String name = (String) nonNull(pop());
                global((String) nonNull(pop()), name);
            }
            case Opcode.REDUCE -> call(PyNode.How.REDUCE, top(2));
            case Opcode.NEWOBJ -> call(PyNode.How.NEW, top(2));
            case Opcode.NEWOBJ_EX -> call(PyNode.How.NEW_WITH_KEYWORDS, top(3));
            case Opcode.BUILD -> {
                Object state = pop();
                made().add(new PyNode.State(state));
                items();
            }
            case Opcode.NEXT_BUFFER -> push(new PyNode.Buffer(buffers++, false));
            case Opcode.READONLY_BUFFER -> {
                if (pop() instanceof PyNode.Buffer buffer) {
                    push(new PyNode.Buffer(buffer.index(), true));
                } else {
                    throw new ClassCastException("no buffer");
                }
            }
            case Opcode.DUP -> push(top());
            case Opcode.POP -> discard(at);
            case Opcode.POP_MARK -> {
                for (Object value : marked()) {
                    discard(value, at);
                }
            }
            default ->
                throw new PickleFormatException("opcode 0x%02x at byte %d is not read here".formatted(opcode, at));
        }
    }

    private static void protocol(int version) throws PickleFormatException {
        if (version < 3 || version > 5) {
            throw new PickleFormatException("pickle protocol " + version + " is not read here, only 3, 4 and 5");
        }
    }

    private void global(String module, String name) throws PickleFormatException {
        var global = new PyNode.Global(module, name);
        if (unwanted.test(global)) {
            throw new PickleFormatException(global + " is not wanted here");
        }
        push(global);
    }

    private void call(PyNode.How how, @Nullable Object[] parts) {
        push(new PyNode.Call(how, parts[0], parts[1], parts.length > 2 ? parts[2] : null));
    }

    private void append(@Nullable Object[] items) {
        if (top() instanceof PyNode.PyList list) {
            list.append(items);
        } else {
            made().add(new PyNode.Appended(Arrays.asList(items)));
        }
    }

    private void put(@Nullable Object[] flat, int at) throws PickleFormatException {
        if (flat.length % 2 != 0) {
            throw new PickleFormatException("a key without a value at byte " + at);
        }
        if (top() instanceof PyNode.Dict dict) {
            dict.append(flat);
        } else {
            made().add(new PyNode.Put(Arrays.asList(flat)));
        }
    }

    private void add(@Nullable Object[] items) {
        if (top() instanceof PyNode.PySet set) {
            set.append(items);
        } else {
            made().add(new PyNode.Added(Arrays.asList(items)));
        }
    }

    private void discard(int at) throws PickleFormatException {
        if (markCount > 0 && marks[markCount - 1] == height) {
            markCount--;
        } else {
            discard(pop(), at);
        }
    }

    /// Thrown away are: what a tuple that contains itself was to hold, which is in the memo; and what a state
    /// setter returned, which is noted with the object.
    private void discard(@Nullable Object value, int at) throws PickleFormatException {
        if (!(value instanceof PyNode.Call call) || call.place != 0) {
            return;
        }
        if (call.how() == PyNode.How.REDUCE
                && call.changes().isEmpty()
                && call.argumentItems().size() == 2
                && call.argumentItems().getFirst() instanceof PyNode.Call target
                && target.place != 0) {
            target.add(new PyNode.SetBy(call.callable(), call.argumentItems().getLast()));
            return;
        }
        throw new PickleFormatException("a call whose result is thrown away, at byte " + at + ", is not read here");
    }

    private PyNode.Call made() {
        return (PyNode.Call) nonNull(top());
    }

    private static Object nonNull(@Nullable Object value) {
        if (value == null) {
            throw new ClassCastException("None");
        }
        return value;
    }

    private void push(@Nullable Object value) {
        if (height == stack.length) {
            stack = Arrays.copyOf(stack, 2 * height);
        }
        stack[height++] = value;
    }

    private @Nullable Object top() {
        floor(1);
        return stack[height - 1];
    }

    private @Nullable Object pop() {
        floor(1);
        Object value = stack[--height];
        stack[height] = null;
        return value;
    }

    /// No opcode reaches below the last mark.
    private void floor(int size) {
        int bottom = markCount == 0 ? 0 : marks[markCount - 1];
        if (height - size < bottom) {
            throw new IndexOutOfBoundsException("mark");
        }
    }

    private @Nullable Object[] top(int size) {
        floor(size);
        return from(height - size);
    }

    private void mark() {
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * markCount);
        }
        marks[markCount++] = height;
        if (spans != null) {
            spans.marked(markCount, height > 1 ? stack[height - 2] : null, height > 0 ? stack[height - 1] : null);
            items();
        }
    }

    private @Nullable Object[] marked() {
        if (markCount == 0) {
            throw new IndexOutOfBoundsException("mark");
        }
        return from(marks[--markCount]);
    }

    private @Nullable Object[] from(int bottom) {
        Object[] items = new Object[height - bottom];
        for (int i = 0; i < items.length; i++) {
            items[i] = stack[bottom + i];
            stack[bottom + i] = null;
        }
        height = bottom;
        return items;
    }

    /// Pythons number what they remember without gaps; with one, MEMOIZE could mean two things.
    private void remember(int number) throws PickleFormatException {
        if (number < 0 || number > memoCount) {
            throw new PickleFormatException("memo entry " + number + " after " + memoCount + " of them");
        }
        Object value = top();
        if (spans != null && (number < memoCount || value instanceof Span)) {
            throw new PickleFormatException("memo entry " + number + " can't be read with items passed over");
        }
        if (number == memoCount) {
            if (memoCount - memoFrom == memo.length) {
                memo = Arrays.copyOf(memo, 2 * memo.length);
            }
            memoCount++;
        }
        memo[number - memoFrom] = value;
        if (value instanceof PyNode.Call call) {
            call.place = 1;
        }
    }

    private @Nullable Object remembered(int number) throws PickleFormatException {
        if (number >= memoCount) {
            throw new IndexOutOfBoundsException(number);
        }
        if (before != null && number < memoFrom) {
            return before.remembered(number);
        }
        Object value = memo[number - memoFrom];
        if (marking != null) {
            return marking.isAny(placeCount++) ? new Span.Reference(variableCount++, value) : value;
        }
        if (value instanceof Span span) {
            if (spans != null) {
                spans.neededAfterAll();
            }
            span.item();
            return memo[number];
        }
        return value;
    }

    private static Number integer(byte[] littleEndian) {
        int length = littleEndian.length;
        if (length <= Long.BYTES) {
            long value = length == 0 ? 0 : littleEndian[length - 1];
            for (int i = length - 2; i >= 0; i--) {
                value = value << 8 | littleEndian[i] & 0xff;
            }
            return value;
        }
        byte[] bigEndian = new byte[length];
        for (int i = 0; i < length; i++) {
            bigEndian[i] = littleEndian[length - 1 - i];
        }
        var value = new BigInteger(bigEndian);
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private String line() throws PickleFormatException {
        int from = position;
        while (u8() != '\n') {}
        return Utf8.decode(data, from, position - 1 - from);
    }

    private String text(int length) throws PickleFormatException {
        return Utf8.decode(data, skip(length), length);
    }

    private int u8() {
        return data[skip(1)] & 0xff;
    }

    private int i32() {
        return (int) INT.get(data, skip(4));
    }

    private int length64() {
        long length = (long) LONG.get(data, skip(8));
        return length < 0 || length > end ? -1 : (int) length;
    }

    private byte[] take(int length) {
        int from = skip(length);
        return Arrays.copyOfRange(data, from, from + length);
    }

    private int skip(int length) {
        int from = position;
        if (length < 0 || length > end - from) {
            throw new IndexOutOfBoundsException(length);
        }
        position = from + length;
        return from;
    }
}
