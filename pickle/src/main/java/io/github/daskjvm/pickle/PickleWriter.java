package io.github.daskjvm.pickle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes a value as a pickle of protocol 5, in the order in which Python's own pickler would: what is created and
/// called when it is read is created and called in the order in which it was found. What occurs twice is written once.
public final class PickleWriter {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.BIG_ENDIAN);
    /// Each level takes three frames of the stack.
    private static final int MAX_DEPTH = 500;

    /// In pieces, byte strings of this length on are pieces of their own.
    private static final int LARGE_BYTES = 1 << 16;

    private static final int PIECE_BYTES = 1 << 20;

    /// Larger means are not kept for the next value.
    private static final int KEPT_MAX_BYTES = 1 << 16;

    private static final int KEPT_MAX_ENTRIES = 256;

    /// What came before `out`, where the pickle is wanted in pieces.
    private final @Nullable List<byte[]> pieces;

    private byte[] out = new byte[256];
    private int length;
    private int depth;
    private IdentityHashMap<Object, Integer> memo = new IdentityHashMap<>();
    private final List<Integer> buffers = new ArrayList<>();
    /// What stands in the pickle for buffers; null where they travel beside it.
    private final @Nullable List<PickleBuffer> inBand;

    /// What learns how the value is written; null for none.
    @Nullable
    Template recording;

    PickleWriter(@Nullable List<byte[]> pieces, @Nullable List<PickleBuffer> inBand) {
        this.pieces = pieces;
        this.inBand = inBand;
    }

    /// A pickle, and the indexes of the buffers that it wants beside it, in that order.
    @SuppressWarnings("ArrayRecordComponent")
    public record Written(byte[] pickle, List<Integer> buffers) {}

    /// The same in pieces, one after the other.
    public record Pieces(List<byte[]> pieces, List<Integer> buffers) {}

    /// @throws PickleFormatException if the value is nested deeper than 500 levels, or has what no pickle can hold
    /// @throws IllegalArgumentException if it has an object of a class that stands for nothing in a pickle
    public static Written write(@Nullable Object value) throws PickleFormatException {
        var writer = new PickleWriter(null, null);
        writer.whole(value);
        return new Written(Arrays.copyOf(writer.out, writer.length), List.copyOf(writer.buffers));
    }

    void begin() {
        length = 0;
        depth = 0;
        if (out.length > KEPT_MAX_BYTES) {
            out = new byte[256];
        }
        if (memo.size() > KEPT_MAX_ENTRIES) {
            memo = new IdentityHashMap<>();
        } else if (!memo.isEmpty()) {
            memo.clear(); // It takes as long for an empty one.
        }
    }

    /// As [#write], without copying large byte strings: they are among the pieces as they are.
    public static Pieces writePieces(@Nullable Object value) throws PickleFormatException {
        List<byte[]> pieces = new ArrayList<>();
        var writer = new PickleWriter(pieces, null);
        writer.whole(value);
        writer.cut(pieces);
        return new Pieces(pieces, List.copyOf(writer.buffers));
    }

    void whole(@Nullable Object value) throws PickleFormatException {
        op(Opcode.PROTO);
        op(5);
        save(value);
        op(Opcode.STOP);
    }

    private void cut(List<byte[]> into) {
        if (length > 0) {
            into.add(Arrays.copyOf(out, length));
            length = 0;
        }
    }

    private void save(@Nullable Object value) throws PickleFormatException {
        Template template = recording;
        if (template == null) {
            put(value);
            return;
        }
        if (value instanceof Span.Reference(int number, Object referred)) {
            int entry = template.open(referred, length);
            template.refers(entry, number);
            put(referred);
            template.close(entry, length);
            return;
        }
        int entry = template.open(value, length);
        put(value);
        template.close(entry, length);
    }

    /// What takes the same bytes wherever it is.
    void leaf(@Nullable Object value) throws PickleFormatException {
        if (value instanceof String text) {
            text(text);
            op(Opcode.MEMOIZE);
        } else {
            put(value);
        }
    }

    /// What has been written is before [#length()]; another array after more was.
    byte[] bytes() {
        return out;
    }

    int length() {
        return length;
    }

    private void put(@Nullable Object value) throws PickleFormatException {
        switch (value) {
            case null -> op(Opcode.NONE);
            case Boolean b -> op(b ? Opcode.NEWTRUE : Opcode.NEWFALSE);
            case Integer i -> integer(i);
            case Long i -> integer(i);
            case BigInteger i -> integer(i);
            case Span.Integral i -> integer(i.value());
            case Double d -> {
                op(Opcode.BINFLOAT);
                int at = room(8);
                DOUBLE.set(out, at, d);
            }
            default -> {
                Integer number = memo.get(value);
                if (number != null) {
                    get(number);
                } else {
                    if (++depth > MAX_DEPTH) {
                        throw new PickleFormatException("nested deeper than " + MAX_DEPTH + " levels");
                    }
                    node(value);
                    depth--;
                }
            }
        }
    }

    private void node(Object value) throws PickleFormatException {
        switch (value) {
            case String text -> {
                text(text);
                memoize(value);
            }
            case byte[] bytes -> {
                sized(bytes, Opcode.SHORT_BINBYTES, Opcode.BINBYTES);
                memoize(value);
            }
            case PyNode.ByteArray(byte[] bytes) -> byteArray(bytes, value);
            case PyNode.Global(String module, String name) -> {
                save(module);
                save(name);
                op(Opcode.STACK_GLOBAL);
                memoize(value);
            }
            case PyNode.Buffer buffer -> buffer(buffer);
            case PyNode.Tuple tuple -> tuple(tuple);
            case PyNode.FrozenSet set -> frozenSet(set);
            case PyNode.PyList list -> {
                op(Opcode.EMPTY_LIST);
                memoize(value);
                batch(list, Opcode.APPENDS);
            }
            case PyNode.Dict dict -> {
                op(Opcode.EMPTY_DICT);
                memoize(value);
                batch(dict, Opcode.SETITEMS);
            }
            case PyNode.PySet set -> {
                op(Opcode.EMPTY_SET);
                memoize(value);
                batch(set, Opcode.ADDITEMS);
            }
            case PyNode.Call call -> call(call);
            default ->
                throw new IllegalArgumentException(
                        "a " + value.getClass().getName() + " stands for nothing in a pickle");
        }
    }

    private void byteArray(byte[] bytes, Object value) {
        op(Opcode.BYTEARRAY8);
        int at = room(8);
        LONG.set(out, at, (long) bytes.length);
        raw(bytes);
        memoize(value);
    }

    private void buffer(PyNode.Buffer buffer) throws PickleFormatException {
        if (inBand == null) {
            buffers.add(buffer.index());
            op(Opcode.NEXT_BUFFER);
            if (buffer.readOnly()) {
                op(Opcode.READONLY_BUFFER);
            }
            memoize(buffer);
            return;
        }
        if (buffer.index() >= inBand.size()) {
            throw new PickleFormatException("buffer " + buffer.index() + " of " + inBand.size());
        }
        PickleBuffer content = inBand.get(buffer.index());
        if (content.writable() && !buffer.readOnly()) {
            byteArray(content.bytes(), buffer);
        } else {
            sized(content.bytes(), Opcode.SHORT_BINBYTES, Opcode.BINBYTES);
            memoize(buffer);
        }
    }

    /// A tuple that contains itself, through a list say, is complete when its items have been written: then these are
    /// taken from the stack again.
    private void tuple(PyNode.Tuple tuple) throws PickleFormatException {
        @Nullable Object[] items = tuple.values;
        int size = items.length;
        if (size == 0) {
            op(Opcode.EMPTY_TUPLE);
            return;
        }
        if (size > 3) {
            op(Opcode.MARK);
        }
        for (int i = 0; i < size; i++) {
            save(items[i]);
        }
        Integer number = memo.get(tuple);
        if (number != null) {
            refuseTemplate();
            if (size > 3) {
                op(Opcode.POP_MARK);
            } else {
                for (int i = 0; i < size; i++) {
                    op(Opcode.POP);
                }
            }
            get(number);
            return;
        }
        op(size > 3 ? Opcode.TUPLE : Opcode.TUPLE1 + size - 1);
        memoize(tuple);
    }

    private void refuseTemplate() {
        if (recording != null) {
            recording.refuse();
        }
    }

    private void frozenSet(PyNode.FrozenSet set) throws PickleFormatException {
        op(Opcode.MARK);
        for (Object item : set.values) {
            save(item);
        }
        Integer number = memo.get(set);
        if (number != null) {
            refuseTemplate();
            op(Opcode.POP_MARK);
            get(number);
            return;
        }
        op(Opcode.FROZENSET);
        memoize(set);
    }

    private void call(PyNode.Call call) throws PickleFormatException {
        save(call.callable());
        save(call.arguments());
        switch (call.how()) {
            case REDUCE -> op(Opcode.REDUCE);
            case NEW -> op(Opcode.NEWOBJ);
            case NEW_WITH_KEYWORDS -> {
                save(call.keywords());
                op(Opcode.NEWOBJ_EX);
            }
        }
        if (memo.containsKey(call)) {
            throw new PickleFormatException("an object that is an argument of the call that makes it");
        }
        memoize(call);
        for (PyNode.Change change : call.changes()) {
            change(call, change);
        }
    }

    private void change(PyNode.Call call, PyNode.Change change) throws PickleFormatException {
        switch (change) {
            case PyNode.State(Object state) -> {
                save(state);
                op(Opcode.BUILD);
            }
            case PyNode.Appended(var items) -> batch(items, Opcode.APPENDS);
            case PyNode.Put(var flat) -> batch(flat, Opcode.SETITEMS);
            case PyNode.Added(var items) -> batch(items, Opcode.ADDITEMS);
            case PyNode.SetBy(Object setter, Object state) -> {
                save(setter);
                save(call);
                save(state);
                op(Opcode.TUPLE2);
                op(Opcode.REDUCE);
                op(Opcode.POP);
            }
        }
    }

    private void batch(PyNode.Growing container, int opcode) throws PickleFormatException {
        batch(container.values, container.count, opcode);
    }

    private void batch(List<@Nullable Object> items, int opcode) throws PickleFormatException {
        batch(items.toArray(), items.size(), opcode);
    }

    private void batch(@Nullable Object[] items, int count, int opcode) throws PickleFormatException {
        if (count == 0) {
            return;
        }
        op(Opcode.MARK);
        for (int i = 0; i < count; i++) {
            save(items[i]);
        }
        op(opcode);
    }

    private void integer(long value) {
        if (value >= 0 && value <= 0xff) {
            op(Opcode.BININT1);
            op((int) value);
        } else if (value >= 0 && value <= 0xffff) {
            op(Opcode.BININT2);
            op((int) value & 0xff);
            op((int) value >> 8);
        } else if (value == (int) value) {
            op(Opcode.BININT);
            int32((int) value);
        } else {
            integer(BigInteger.valueOf(value));
        }
    }

    private void integer(BigInteger value) {
        byte[] bytes = value.toByteArray();
        if (bytes.length <= 0xff) {
            op(Opcode.LONG1);
            op(bytes.length);
        } else {
            op(Opcode.LONG4);
            int32(bytes.length);
        }
        int at = room(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            out[at + i] = bytes[bytes.length - 1 - i];
        }
    }

    private void text(String text) throws PickleFormatException {
        int size = text.length();
        if (size > 0xff || !Utf8.isAscii(text)) {
            sized(Utf8.encode(text), Opcode.SHORT_BINUNICODE, Opcode.BINUNICODE);
            return;
        }
        op(Opcode.SHORT_BINUNICODE);
        op(size);
        int at = room(size);
        text.getBytes(0, size, out, at);
    }

    private void sized(byte[] bytes, int shortOpcode, int longOpcode) {
        if (bytes.length <= 0xff) {
            op(shortOpcode);
            op(bytes.length);
        } else {
            op(longOpcode);
            int32(bytes.length);
        }
        raw(bytes);
    }

    private void memoize(Object value) {
        op(Opcode.MEMOIZE);
        if (recording != null) {
            recording.numbered(value, memo.size());
        }
        memo.put(value, memo.size());
    }

    void get(int number) {
        if (number <= 0xff) {
            op(Opcode.BINGET);
            op(number);
        } else {
            op(Opcode.LONG_BINGET);
            int32(number);
        }
    }

    private void op(int opcode) {
        int at = room(1);
        out[at] = (byte) opcode;
    }

    private void int32(int value) {
        int at = room(4);
        INT.set(out, at, value);
    }

    private void raw(byte[] bytes) {
        if (pieces != null && bytes.length >= LARGE_BYTES) {
            cut(pieces);
            pieces.add(bytes);
            return;
        }
        int at = room(bytes.length);
        System.arraycopy(bytes, 0, out, at, bytes.length);
    }

    /// Where the next bytes go. `out` may be another array afterwards.
    private int room(int size) {
        if (pieces != null && length >= PIECE_BYTES) {
            cut(pieces);
        }
        int at = length;
        if (size > out.length - at) {
            out = Arrays.copyOf(out, (int)
                    Math.min(Integer.MAX_VALUE - 8, Math.max(at + (long) size, 2L * out.length)));
        }
        length = at + size;
        return at;
    }
}
