package io.github.daskjvm.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads pickles of plain values, protocols 2 to 5, and nothing else: None, bool, int, float, str, bytes, tuple,
/// list, dict, set, frozenset. Classes are never looked up and functions never called; a pickle that wants either
/// is refused as a whole, unless an [Opaque] is asked for in its place.
///
/// Tuples and lists both become `List`, sets and frozensets `Set`, integers `Long` or, beyond 64 bits,
/// `BigInteger`, byte strings `byte[]` and as dictionary keys [MsgpackReader.Bytes].
public final class PickleReader {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.BIG_ENDIAN);
    private static final Object MARK = new Object();
    private static final int MAX_ITEMS = 10_000_000;
    private static final int KEY_MAX_ITEMS = 1000;

    /// Something whose class would be needed to make it.
    ///
    /// @param type module and name, `distributed.spans.SourceCode` say
    /// @param arguments what it would be made from, where that is plain
    public record Opaque(String type, @Nullable Object arguments) {}

    private final byte[] data;
    private final boolean opaqueAllowed;
    private int position;
    private final ArrayList<@Nullable Object> stack = new ArrayList<>();
    private final Map<Integer, @Nullable Object> memo = new HashMap<>();
    private final List<Opaque> calls = new ArrayList<>();

    private PickleReader(byte[] data, boolean opaqueAllowed) {
        this.data = data;
        this.opaqueAllowed = opaqueAllowed;
    }

    /// The value of a pickle made of plain values only.
    ///
    /// @throws BadMessageException if it is cut off, no pickle, or wants anything beyond plain values
    public static @Nullable Object read(byte[] pickle) throws BadMessageException {
        return new PickleReader(pickle, false).run();
    }

    /// As [#read], with an [Opaque] for each object of a class.
    public static @Nullable Object readWithOpaque(byte[] pickle) throws BadMessageException {
        return new PickleReader(pickle, true).run();
    }

    /// What reading the pickle would call, in that order, each with its arguments as far as they are plain: by this a
    /// function that came by value is recognised, whose name is an argument of a call. Calls nothing.
    ///
    /// @throws BadMessageException if it is cut off, no pickle, or of a form that is not read here
    public static List<Opaque> calls(byte[] pickle) throws BadMessageException {
        var reader = new PickleReader(pickle, true);
        reader.run();
        return reader.calls;
    }

    /// The value of a `__Pickled__` payload; empty if it is null, or not of plain values, or has out-of-band
    /// buffers.
    public static Optional<Object> plain(Payload payload) {
        try {
            if (payload.kind() == Payload.Kind.PICKLED
                    && payload.frames().isEmpty()
                    && PayloadFrames.header(payload).get("pickled-obj") instanceof byte[] pickle) {
                return Optional.ofNullable(read(pickle));
            }
        } catch (BadMessageException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private @Nullable Object run() throws BadMessageException {
        try {
            while (true) {
                int opcode = data[position++] & 0xff;
                if (opcode == '.') {
                    return pop();
                }
                step(opcode);
                if (stack.size() > MAX_ITEMS || memo.size() > MAX_ITEMS) {
                    throw new BadMessageException("a pickle of more than " + MAX_ITEMS + " values is not read here");
                }
            }
        } catch (IndexOutOfBoundsException | NoSuchElementException | ClassCastException e) {
            throw new BadMessageException("a pickle is cut off or damaged at byte " + position, e);
        }
    }

    private void step(int opcode) throws BadMessageException {
        switch (opcode) {
            case 0x80 -> position++;
            case 0x95 -> position += 8;
            case '(' -> stack.add(MARK);
            case 'N' -> stack.add(null);
            case 0x88 -> stack.add(Boolean.TRUE);
            case 0x89 -> stack.add(Boolean.FALSE);
            case 'J' -> stack.add((long) i32());
            case 'K' -> stack.add((long) u8());
            case 'M' -> stack.add((long) (u8() | u8() << 8));
            case 0x8a -> stack.add(integer(take(u8())));
            case 0x8b -> stack.add(integer(take(i32())));
            case 'I', 'L' -> stack.add(integerOfLine());
            case 'G' -> stack.add((double) DOUBLE.get(data, skip(8)));
            case 'X' -> stack.add(text(i32()));
            case 0x8c -> stack.add(text(u8()));
            case 0x8d -> stack.add(text(length64()));
            case 'B' -> stack.add(take(i32()));
            case 'C' -> stack.add(take(u8()));
            case 0x8e, 0x96 -> stack.add(take(length64()));
            case '0' -> pop();
            case '2' -> stack.add(stack.getLast());
            case 'p' -> remember(memoNumber());
            case 'q' -> remember(u8());
            case 'r' -> remember(i32());
            case 0x94 -> remember(memo.size());
            case 'g' -> stack.add(remembered(memoNumber()));
            case 'h' -> stack.add(remembered(u8()));
            case 'j' -> stack.add(remembered(i32()));
            default -> container(opcode);
        }
    }

    private void container(int opcode) throws BadMessageException {
        switch (opcode) {
            case ')' -> stack.add(List.of());
            case 0x85 -> tuple(1);
            case 0x86 -> tuple(2);
            case 0x87 -> tuple(3);
            case 't' -> stack.add(Collections.unmodifiableList(marked()));
            case ']' -> stack.add(new ArrayList<@Nullable Object>());
            case 'l' -> stack.add(marked());
            case '}' -> stack.add(new LinkedHashMap<@Nullable Object, @Nullable Object>());
            case 'd' -> {
                List<@Nullable Object> items = marked();
                var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
                putAll(map, items);
                stack.add(map);
            }
            case 0x8f -> stack.add(new LinkedHashSet<@Nullable Object>());
            case 'a' -> {
                Object item = pop();
                list().add(item);
            }
            case 'e' -> {
                List<@Nullable Object> items = marked();
                list().addAll(items);
            }
            case 's' -> {
                Object value = pop();
                Object key = pop();
                putAll(map(), Arrays.asList(key, value));
            }
            case 'u' -> {
                List<@Nullable Object> items = marked();
                putAll(map(), items);
            }
            case 0x90 -> {
                List<@Nullable Object> items = marked();
                addAll(set(), items);
            }
            case 0x91 -> {
                var frozen = new LinkedHashSet<@Nullable Object>();
                addAll(frozen, marked());
                stack.add(Collections.unmodifiableSet(frozen));
            }
            default -> object(opcode);
        }
    }

    /// Opcodes that name or make objects of classes.
    private void object(int opcode) throws BadMessageException {
        switch (opcode) {
            case 'c' -> global(line(), line());
            case 0x93 -> {
                Object name = pop();
                global(String.valueOf(pop()), String.valueOf(name));
            }
            case 'R', 0x81 -> {
                Object arguments = pop();
                if (!(pop() instanceof Opaque called)) {
                    throw refused("a call of something that is no class");
                }
                stack.add(called(called.type, arguments));
            }
            case 'b' -> {
                pop();
                if (!opaqueAllowed || !(stack.getLast() instanceof Opaque)) {
                    throw refused("an object with state");
                }
            }
            default -> throw refused("opcode 0x" + Integer.toHexString(opcode));
        }
    }

    private void global(String module, String name) throws BadMessageException {
        String type = module + "." + name;
        if (!opaqueAllowed && !PLAIN_CONSTRUCTORS.contains(type)) {
            throw refused(type);
        }
        stack.add(new Opaque(type, null));
    }

    /// What protocols 2 and 3 write for bytes and sets.
    private static final Set<String> PLAIN_CONSTRUCTORS = Set.of(
            "builtins.set",
            "builtins.frozenset",
            "__builtin__.set",
            "__builtin__.frozenset",
            "__builtin__.bytes",
            "_codecs.encode");

    private Object called(String type, @Nullable Object arguments) throws BadMessageException {
        List<?> list = arguments instanceof List<?> items ? items : List.of();
        if (type.endsWith("set") && PLAIN_CONSTRUCTORS.contains(type)) {
            var set = new LinkedHashSet<@Nullable Object>();
            if (!list.isEmpty() && list.getFirst() instanceof List<?> items) {
                addAll(set, items);
            }
            return set;
        }
        if (type.equals("_codecs.encode")
                && list.size() == 2
                && list.getFirst() instanceof String text
                && "latin1".equals(list.getLast())) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        if (type.equals("__builtin__.bytes") && list.isEmpty()) {
            return new byte[0];
        }
        if (!opaqueAllowed) {
            throw refused(type);
        }
        var made = new Opaque(type, arguments);
        calls.add(made);
        return made;
    }

    private BadMessageException refused(String what) {
        return new BadMessageException(
                "a pickle of plain values is wanted; this one has " + what + " at byte " + position);
    }

    private @Nullable Object pop() {
        Object value = stack.removeLast();
        if (value == MARK) {
            throw new IndexOutOfBoundsException("mark");
        }
        return value;
    }

    private void remember(int number) {
        Object value = stack.getLast();
        if (value == MARK) {
            throw new IndexOutOfBoundsException("mark");
        }
        memo.put(number, value);
    }

    private @Nullable Object remembered(int number) {
        if (!memo.containsKey(number)) {
            throw new IndexOutOfBoundsException("memo");
        }
        return memo.get(number);
    }

    private void tuple(int size) {
        List<@Nullable Object> top = stack.subList(stack.size() - size, stack.size());
        if (top.contains(MARK)) {
            throw new IndexOutOfBoundsException("mark");
        }
        List<@Nullable Object> tuple = Collections.unmodifiableList(new ArrayList<>(top));
        top.clear();
        stack.add(tuple);
    }

    private List<@Nullable Object> marked() {
        int mark = stack.lastIndexOf(MARK);
        List<@Nullable Object> top = stack.subList(mark + 1, stack.size());
        var items = new ArrayList<@Nullable Object>(top);
        top.clear();
        stack.remove(mark);
        return items;
    }

    private <T> T top(Class<T> type) {
        Object value = stack.getLast();
        if (!type.isInstance(value)) {
            throw new ClassCastException(type.getName());
        }
        return type.cast(value);
    }

    @SuppressWarnings("unchecked")
    private List<@Nullable Object> list() {
        return (ArrayList<@Nullable Object>) top(ArrayList.class);
    }

    @SuppressWarnings("unchecked")
    private Map<@Nullable Object, @Nullable Object> map() {
        return (LinkedHashMap<@Nullable Object, @Nullable Object>) top(LinkedHashMap.class);
    }

    @SuppressWarnings("unchecked")
    private Set<@Nullable Object> set() {
        return (LinkedHashSet<@Nullable Object>) top(LinkedHashSet.class);
    }

    private static void putAll(Map<@Nullable Object, @Nullable Object> map, List<@Nullable Object> items)
            throws BadMessageException {
        for (int i = 0; i < items.size(); i += 2) {
            map.put(hashable(items.get(i)), items.get(i + 1));
        }
    }

    private static void addAll(Set<@Nullable Object> set, List<? extends @Nullable Object> items)
            throws BadMessageException {
        for (Object item : items) {
            set.add(hashable(item));
        }
    }

    private static @Nullable Object hashable(@Nullable Object key) throws BadMessageException {
        if (key instanceof byte[] bytes) {
            return new MsgpackReader.Bytes(bytes);
        }
        if (key instanceof Collection<?> || key instanceof Map<?, ?>) {
            countHashed(key, 0);
        }
        return key;
    }

    /// A list as key, or one that contains itself, or a tuple of tuples of tuples that doubles at every level:
    /// no Python writes them, and a hash of them would not end.
    private static int countHashed(@Nullable Object key, int count) throws BadMessageException {
        if (key instanceof ArrayList<?> || key instanceof Map<?, ?> || count > KEY_MAX_ITEMS) {
            throw new BadMessageException("a pickle has a dictionary key or set item that cannot be one");
        }
        int total = count + 1;
        if (key instanceof Collection<?> items) {
            for (Object item : items) {
                total = countHashed(item, total);
            }
        }
        return total;
    }

    private static Number integer(byte[] littleEndian) {
        if (littleEndian.length == 0) {
            return 0L;
        }
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
        }
        var value = new BigInteger(bigEndian);
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private Object integerOfLine() throws BadMessageException {
        String line = line();
        if (line.equals("01")) {
            return Boolean.TRUE;
        }
        if (line.equals("00")) {
            return Boolean.FALSE;
        }
        try {
            var value = new BigInteger(line.endsWith("L") ? line.substring(0, line.length() - 1) : line);
            return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
        } catch (NumberFormatException e) {
            throw new BadMessageException("a pickle has the integer '" + line + "'", e);
        }
    }

    private int memoNumber() throws BadMessageException {
        try {
            return Integer.parseInt(line());
        } catch (NumberFormatException e) {
            throw new BadMessageException("a pickle is damaged at byte " + position, e);
        }
    }

    private String line() {
        int from = position;
        while (data[position] != '\n') {
            position++;
        }
        return new String(data, from, position++ - from, StandardCharsets.UTF_8);
    }

    private int u8() {
        return data[position++] & 0xff;
    }

    private int i32() {
        return (int) INT.get(data, skip(4));
    }

    private int length64() {
        long length = (long) LONG.get(data, skip(8));
        return length < 0 || length > data.length ? -1 : (int) length;
    }

    private int skip(int length) {
        int from = position;
        if (length < 0 || length > data.length - from) {
            throw new IndexOutOfBoundsException(length);
        }
        position = from + length;
        return from;
    }

    private byte[] take(int length) {
        int from = skip(length);
        return Arrays.copyOfRange(data, from, from + length);
    }

    private String text(int length) {
        int from = skip(length);
        return new String(data, from, length, StandardCharsets.UTF_8);
    }
}
