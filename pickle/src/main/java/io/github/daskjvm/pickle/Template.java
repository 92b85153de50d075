package io.github.daskjvm.pickle;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value that was written, and where in its pickle each part of it is. Another value of the same shape is not written
/// anew: its pickle is this one's with other numbers, texts and bytes in some places.
///
/// That is so if the two have the same structure and the same repetitions. What is the very same object in both is
/// passed over as a whole; what is not must not be anywhere in what is, nor have been at another place before. As few
/// things are remembered for that as possible, so that some values are refused that could be written so. For one
/// thread.
final class Template {
    private static final int ENTRIES_MAX = 4096;
    /// Bytes of a pickle, and of a text or a byte string in which another one differs.
    private static final int BYTES_MAX = 1 << 16;

    private static final int LEAF_BYTES_MAX = 1 << 12;
    private static final int TEXTS_MAX = 32;

    /// In the order in which they were written; a part that comes again is there again, without its own parts.
    private @Nullable Object[] values = new Object[128];
    /// Where the bytes of each begin and end.
    private int[] from = new int[128];
    private int[] to = new int[128];
    /// One more than the last of its parts.
    private int[] end = new int[128];
    /// Where the same object was first.
    private int[] first = new int[128];
    /// By which number the pickle has it again.
    private int[] number = new int[128];
    /// Whether it was the same object in another value, and all in it is known to be in others unchanged.
    private boolean[] constant = {};
    /// Whether a constant part has this one in it.
    private boolean[] inConstant = {};
    /// What the value that is compared has there, if it is another object.
    private @Nullable Object[] bound = {};

    private int count;
    private boolean usable = true;
    private IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
    private final Set<Object> texts = new HashSet<>();
    private final Map<Integer, Integer> references = new HashMap<>();
    private byte[] whole = {};
    /// How many were written by it and by those it took the place of.
    int uses;

    private final String[] newTexts = new String[TEXTS_MAX];
    private final int[] newTextPlaces = new int[TEXTS_MAX];
    private int newTextCount;
    private int at;
    private final Differences differences = new Differences();

    Template(int uses) {
        this.uses = uses;
    }

    // ---- writing the template ----

    /// @return what [#close] takes
    int open(@Nullable Object value, int length) {
        if (count == ENTRIES_MAX) {
            usable = false;
        }
        if (!usable) {
            return -1;
        }
        int entry = count++;
        if (entry == values.length) {
            values = Arrays.copyOf(values, 2 * entry);
            from = Arrays.copyOf(from, 2 * entry);
            to = Arrays.copyOf(to, 2 * entry);
            end = Arrays.copyOf(end, 2 * entry);
            first = Arrays.copyOf(first, 2 * entry);
            number = Arrays.copyOf(number, 2 * entry);
        }
        values[entry] = value;
        from[entry] = length;
        Integer before =
                value == null || isPlain(value) || isEmptyTuple(value) ? null : places.putIfAbsent(value, entry);
        first[entry] = before == null ? entry : before;
        if (value instanceof String || value instanceof byte[]) {
            texts.add(value);
        }
        return entry;
    }

    void close(int entry, int length) {
        if (entry >= 0) {
            to[entry] = length;
            end[entry] = count;
        }
    }

    void numbered(Object value, int memoNumber) {
        Integer entry = places.get(value);
        if (entry != null) {
            number[entry] = memoNumber;
        }
    }

    void refuse() {
        usable = false;
    }

    /// @param pickle what was written; is kept
    /// @return whether others can be written by it
    boolean complete(byte[] pickle) {
        whole = pickle;
        constant = new boolean[count];
        inConstant = new boolean[count];
        bound = new Object[count];
        places = new IdentityHashMap<>(0);
        return usable && pickle.length <= BYTES_MAX;
    }

    /// The value that is written refers there to what may differ.
    void refers(int entry, int variable) {
        if (entry >= 0) {
            references.put(entry, variable);
        }
    }

    /// What can be written by the places of integers and references alone. Before [#complete].
    ///
    /// @param memo of the item
    SpanTemplate ofSpan(Span span, @Nullable Object[] memo, byte[] pickle) {
        int[] places = new int[4 * count];
        int found = 0;
        for (int i = 0; i < count; i++) {
            Integer reference = references.get(i);
            if (reference == null && !(values[i] instanceof Span.Integral)) {
                continue;
            }
            places[found++] = reference == null ? ((Span.Integral) values[i]).number() : reference;
            places[found++] = from[i];
            places[found++] = to[i];
            places[found++] = reference == null ? SpanTemplate.INTEGER : first[i] == i ? SpanTemplate.FIRST : i;
        }
        int[] ends = new int[span.shape.remembered()];
        int[] numbers = new int[ends.length];
        for (int i = 0; i < ends.length; i++) {
            Integer entry = memo[i] == null ? null : this.places.get(memo[i]);
            ends[i] = entry == null ? Integer.MAX_VALUE : end[entry];
            numbers[i] = entry == null ? 0 : number[entry];
        }
        return new SpanTemplate(pickle, span.variables, Arrays.copyOf(places, found), ends, numbers, uses);
    }

    // ---- writing others ----

    /// @param writer for what differs
    /// @return null if the value has to be written by itself
    @Nullable
    PackedPickle pack(@Nullable Object value, PickleWriter writer) throws PickleFormatException {
        Arrays.fill(bound, null);
        newTextCount = 0;
        at = 0;
        differences.begin(whole, writer);
        return match(value) ? differences.packed() : null;
    }

    private boolean match(@Nullable Object value) throws PickleFormatException {
        int entry = at;
        Object mine = values[entry];
        if (mine == value) {
            at = end[entry];
            return constant[entry] || isConstant(entry);
        }
        if (mine == null || isPlain(mine)) {
            at = entry + 1;
            return (value == null || isPlain(value)) && (isSame(mine, value) || replaced(entry, value));
        }
        if (value == null || mine.getClass() != value.getClass()) {
            return false;
        }
        if (first[entry] != entry) {
            at = entry + 1;
            return bound[first[entry]] == value || isElsewhere(entry, value);
        }
        if (inConstant[entry]) {
            return false;
        }
        at = entry + 1;
        return switch (value) {
            case String text -> text(entry, text);
            case PyNode.Container container -> isNew(entry, container) && parts(mine, container);
            default -> false;
        };
    }

    private boolean parts(Object mine, PyNode.Container value) throws PickleFormatException {
        return switch (value) {
            case PyNode.Tuple tuple ->
                ((PyNode.Tuple) mine).values.length == tuple.values.length && each(tuple.values, tuple.values.length);
            case PyNode.FrozenSet set ->
                ((PyNode.FrozenSet) mine).values.length == set.values.length && each(set.values, set.values.length);
            case PyNode.Growing growing ->
                ((PyNode.Growing) mine).count == growing.count && each(growing.values, growing.count);
            case PyNode.Call call -> call((PyNode.Call) mine, call);
        };
    }

    private boolean all(List<@Nullable Object> mine, List<@Nullable Object> values) throws PickleFormatException {
        return mine.size() == values.size() && each(values.toArray(), values.size());
    }

    private boolean each(@Nullable Object[] values, int size) throws PickleFormatException {
        for (int i = 0; i < size; i++) {
            if (!match(values[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean call(PyNode.Call mine, PyNode.Call call) throws PickleFormatException {
        int changes = call.changeCount();
        if (mine.how() != call.how()
                || mine.changeCount() != changes
                || !match(call.callable())
                || !match(call.arguments())
                || call.how() == PyNode.How.NEW_WITH_KEYWORDS && !match(call.keywords())) {
            return false;
        }
        for (int i = 0; i < changes; i++) {
            if (!change(mine.change(i), call, call.change(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean change(PyNode.Change mine, PyNode.Call call, PyNode.Change change) throws PickleFormatException {
        return switch (change) {
            case PyNode.State(Object state) -> mine instanceof PyNode.State && match(state);
            case PyNode.Appended(var items) -> mine instanceof PyNode.Appended(var own) && all(own, items);
            case PyNode.Put(var flat) -> mine instanceof PyNode.Put(var own) && all(own, flat);
            case PyNode.Added(var items) -> mine instanceof PyNode.Added(var own) && all(own, items);
            case PyNode.SetBy(Object setter, Object state) ->
                mine instanceof PyNode.SetBy && match(setter) && match(call) && match(state);
        };
    }

    private boolean text(int entry, String text) throws PickleFormatException {
        if (text.length() > LEAF_BYTES_MAX || newTextCount == TEXTS_MAX || isMine(text)) {
            return false;
        }
        if (placeOf(text) >= 0) {
            return false;
        }
        newTextPlaces[newTextCount] = entry;
        newTexts[newTextCount++] = text;
        bound[entry] = text;
        return text.equals(values[entry]) || replaced(entry, text);
    }

    /// What the template has again is something else again in the value: a set's items, say, in another order.
    private boolean isElsewhere(int entry, Object value) throws PickleFormatException {
        int before = placeOf(value);
        if (before < 0 || end[before] > entry) {
            return false;
        }
        differences.again(from[entry], to[entry], number[before]);
        return true;
    }

    private int placeOf(Object value) {
        if (value instanceof PyNode.Container container) {
            return isBound(container) ? container.place - 1 : -1;
        }
        for (int i = 0; i < newTextCount; i++) {
            if (newTexts[i] == value) {
                return newTextPlaces[i];
            }
        }
        return -1;
    }

    private boolean isMine(String text) {
        if (texts.contains(text)) {
            for (int i = 0; i < count; i++) {
                if (values[i] == text) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean replaced(int entry, @Nullable Object value) throws PickleFormatException {
        differences.add(from[entry], to[entry], value);
        return true;
    }

    /// Notes what another value has at a place; false if it has it elsewhere, too.
    private boolean isNew(int entry, PyNode.Container value) {
        if (value instanceof PyNode.Tuple tuple && tuple.values.length == 0) {
            return true; // It is written each time.
        }
        if (value.place < 0 || isBound(value)) {
            return false;
        }
        value.place = entry + 1;
        bound[entry] = value;
        return true;
    }

    private boolean isBound(PyNode.Container value) {
        int place = value.place;
        return place > 0 && place <= count && bound[place - 1] == value;
    }

    /// Marks what is in a part that another value has, too, so that it can be nowhere else.
    private boolean isConstant(int entry) {
        for (int i = entry; i < end[entry]; i++) {
            if (values[i] instanceof PyNode.Container container && !isEmptyTuple(container)) {
                if (isBound(container)) {
                    return false;
                }
                container.place = PyNode.Container.SHARED;
            }
            if (first[i] < entry) {
                if (bound[first[i]] != null) {
                    return false;
                }
                inConstant[first[i]] = true;
            }
        }
        constant[entry] = true;
        return true;
    }

    /// Whether it is written each time, whatever was before.
    private static boolean isPlain(Object value) {
        return value instanceof Long
                || value instanceof Integer
                || value instanceof Boolean
                || value instanceof Double
                || value instanceof BigInteger;
    }

    /// Numbers that are none may differ though Java has them equal.
    private static boolean isSame(@Nullable Object mine, @Nullable Object value) {
        return value != null && value.equals(mine) && !(value instanceof Double);
    }

    private static boolean isEmptyTuple(Object value) {
        return value instanceof PyNode.Tuple tuple && tuple.values.length == 0;
    }
}
