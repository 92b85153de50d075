package io.github.daskjvm.protocol;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PyNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads pickles of plain values, and nothing else: None, bool, int, float, str, bytes, tuple, list, dict, set,
/// frozenset. Classes are never looked up and functions never called; a pickle that wants either is refused as a
/// whole, unless an [Opaque] is asked for in its place.
///
/// Tuples and lists both become `List`, sets and frozensets `Set`, integers `Long` or, beyond 64 bits,
/// `BigInteger`, byte strings `byte[]` and as dictionary keys [MsgpackReader.Bytes].
public final class PickleReader {
    private static final int MAX_DEPTH = 500;
    private static final int KEY_MAX_ITEMS = 1000;

    /// Something whose class would be needed to make it.
    ///
    /// @param type module and name, `distributed.spans.SourceCode` say
    /// @param arguments what it would be made from, where that is plain
    public record Opaque(String type, @Nullable Object arguments) {}

    private final boolean opaqueAllowed;
    private int depth;
    /// What nodes have become; nodes whose parts are being read are there with themselves.
    private final Map<PyNode, @Nullable Object> values = new IdentityHashMap<>();
    private final List<Opaque> calls = new ArrayList<>();

    private PickleReader(boolean opaqueAllowed) {
        this.opaqueAllowed = opaqueAllowed;
    }

    /// The value of a pickle made of plain values only.
    ///
    /// @throws BadMessageException if it is cut off, no pickle, or wants anything beyond plain values
    public static @Nullable Object read(byte[] pickle) throws BadMessageException {
        return new PickleReader(false).run(pickle);
    }

    /// As [#read], with an [Opaque] for each object of a class.
    public static @Nullable Object readWithOpaque(byte[] pickle) throws BadMessageException {
        return new PickleReader(true).run(pickle);
    }

    /// What reading the pickle would call, in that order, each with its arguments as far as they are plain: by this a
    /// function that came by value is recognised, whose name is an argument of a call. Calls nothing.
    ///
    /// @throws BadMessageException if it is cut off, no pickle, or of a form that is not read here
    public static List<Opaque> calls(byte[] pickle) throws BadMessageException {
        var reader = new PickleReader(true);
        reader.run(pickle);
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

    private @Nullable Object run(byte[] pickle) throws BadMessageException {
        try {
            return value(PickleParser.parse(pickle));
        } catch (PickleFormatException e) {
            throw new BadMessageException(String.valueOf(e.getMessage()), e);
        }
    }

    private @Nullable Object value(@Nullable Object parsed) throws BadMessageException {
        if (!(parsed instanceof PyNode node)) {
            return parsed;
        }
        if (values.containsKey(node)) {
            Object value = values.get(node);
            if (value == node) {
                throw refused("a value that contains itself");
            }
            return value;
        }
        if (++depth > MAX_DEPTH) {
            throw refused("values nested deeper than " + MAX_DEPTH + " levels");
        }
        values.put(node, node);
        Object value = read(node);
        values.put(node, value);
        depth--;
        return value;
    }

    private Object read(PyNode node) throws BadMessageException {
        return switch (node) {
            case PyNode.Tuple tuple -> Collections.unmodifiableList(all(new ArrayList<>(), tuple.items()));
            case PyNode.FrozenSet set -> Collections.unmodifiableSet(set(set.items()));
            case PyNode.PySet set -> set(set.items());
            case PyNode.PyList list -> {
                var items = new ArrayList<@Nullable Object>();
                values.put(list, items); // a list may contain itself
                yield all(items, list.items());
            }
            case PyNode.Dict dict -> {
                var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
                values.put(dict, map);
                for (int i = 0; i < dict.size(); i++) {
                    map.put(hashable(value(dict.key(i))), value(dict.value(i)));
                }
                yield map;
            }
            case PyNode.ByteArray(byte[] bytes) -> bytes;
            case PyNode.Global global -> {
                if (!opaqueAllowed) {
                    throw refused(global.toString());
                }
                yield new Opaque(global.toString(), null);
            }
            case PyNode.Buffer buffer -> throw refused("a buffer beside it");
            case PyNode.Call call -> called(call);
        };
    }

    private List<@Nullable Object> all(List<@Nullable Object> into, List<@Nullable Object> items)
            throws BadMessageException {
        for (Object item : items) {
            into.add(value(item));
        }
        return into;
    }

    private Set<@Nullable Object> set(List<@Nullable Object> items) throws BadMessageException {
        var set = new LinkedHashSet<@Nullable Object>();
        for (Object item : items) {
            set.add(hashable(value(item)));
        }
        return set;
    }

    /// What protocol 3 writes for sets.
    private static final Set<String> SETS = Set.of("builtins.set", "builtins.frozenset");

    private Object called(PyNode.Call call) throws BadMessageException {
        if (call.callable() instanceof PyNode.Global global
                && SETS.contains(global.toString())
                && call.argumentItems().size() <= 1
                && call.changes().isEmpty()) {
            Object items =
                    call.argumentItems().isEmpty() ? null : call.argumentItems().getFirst();
            return set(items instanceof PyNode.PyList list ? list.items() : List.of());
        }
        if (!(value(call.callable()) instanceof Opaque callable)) {
            throw refused("a call of a value");
        }
        var made = new Opaque(callable.type, value(call.arguments()));
        calls.add(made);
        values.put(call, made); // its state may refer to it
        for (PyNode.Change change : call.changes()) {
            change(made, change);
        }
        return made;
    }

    private void change(Opaque made, PyNode.Change change) throws BadMessageException {
        switch (change) {
            case PyNode.State(Object state) -> value(state);
            case PyNode.Appended(var items) -> all(new ArrayList<>(), items);
            case PyNode.Put(var flat) -> all(new ArrayList<>(), flat);
            case PyNode.Added(var items) -> all(new ArrayList<>(), items);
            case PyNode.SetBy(Object setter, Object state) -> {
                if (value(setter) instanceof Opaque function) {
                    calls.add(new Opaque(function.type, Arrays.asList(made, value(state))));
                }
            }
        }
    }

    private static BadMessageException refused(String what) {
        return new BadMessageException("a pickle of plain values is wanted; this one has " + what);
    }

    private static @Nullable Object hashable(@Nullable Object key) throws BadMessageException {
        if (key instanceof byte[] bytes) {
            return new MsgpackReader.Bytes(bytes);
        }
        checkKey(key);
        return key;
    }

    /// Refuses as the key of a dict, or an item of a set, what a damaged pickle may have there and no Python writes: a
    /// list, a dict, or a tuple of tuples of tuples that doubles at every level, so that its hash would not end.
    ///
    /// @param key a value of which tuples and lists are read as here
    public static void checkKey(@Nullable Object key) throws BadMessageException {
        if (key instanceof Collection<?> || key instanceof Map<?, ?>) {
            countHashed(key, 0);
        }
    }

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
}
