package io.github.daskjvm.protocol;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message where it stands: its names are known, and where their values begin; a value is made when it is asked for.
/// The same object serves one message after the other.
final class ScannedFields extends Fields {
    /// Messages with more are rare, and decoded.
    private static final int NAMES_MAX = 32;

    private final MsgpackReader reader;
    /// What names messages of so many had last, by that number: what they are likely to have again.
    private final @Nullable FieldName[] @Nullable [] layouts = new FieldName[NAMES_MAX + 1][];
    private @Nullable FieldName[] names = {};
    private final int[] places = new int[NAMES_MAX];
    private int size;
    private int start;
    private String op = "";
    private @Nullable Elements elements;

    ScannedFields(MsgpackReader reader) {
        this.reader = reader;
    }

    /// Passes the map that is next, and has its fields from then on.
    ///
    /// @return false if it is no map, or not one of at most so many names; then nothing is passed
    private boolean scan(int depth) throws BadMessageException {
        start = reader.position();
        int length = reader.mapLength();
        if (length < 0 || length > NAMES_MAX) {
            reader.goTo(start);
            return false;
        }
        names = layout(length);
        for (int i = 0; i < length; i++) {
            FieldName name = reader.name(names[i]);
            if (name == null) {
                reader.goTo(start);
                return false;
            }
            names[i] = name;
            places[i] = reader.position();
            reader.skip(depth + 1);
        }
        size = length;
        return true;
    }

    private @Nullable FieldName[] layout(int length) {
        @Nullable FieldName[] layout = layouts[length];
        if (layout == null) {
            layout = new FieldName[length];
            layouts[length] = layout;
        }
        return layout;
    }

    /// Passes the message that is next, and is it from then on.
    ///
    /// @return false if it is none with an op, or a rare one; then nothing is passed
    boolean scan() throws BadMessageException {
        if (!scan(1)) {
            return false;
        }
        int end = reader.position();
        if (get("op") instanceof String text) {
            op = text;
            reader.goTo(end);
            return true;
        }
        reader.goTo(start);
        return false;
    }

    @Override
    public String op() {
        return op;
    }

    @Override
    public Map<?, ?> map() {
        return (Map<?, ?>) Objects.requireNonNull(valueAt(start));
    }

    @Override
    public @Nullable Object get(String name) {
        int at = find(name);
        return at < 0 ? null : valueAt(places[at]);
    }

    @Override
    public boolean has(String name) {
        return find(name) >= 0;
    }

    private @Nullable Object valueAt(int place) {
        reader.goTo(place);
        try {
            return reader.next();
        } catch (BadMessageException e) {
            throw new IllegalStateException("a value that was passed", e);
        }
    }

    /// The last of equal names counts.
    private int find(String name) {
        int hash = name.hashCode();
        for (int at = size - 1; at >= 0; at--) {
            FieldName present = names[at];
            if (present != null && hash == present.hash && name.equals(present.text)) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public Maps maps(String name) throws BadMessageException {
        int at = find(name);
        if (at >= 0) {
            reader.goTo(places[at]);
            int length = reader.arrayLength();
            if (length >= 0) {
                if (elements == null) {
                    elements = new Elements(reader);
                }
                elements.begin(op, length);
                return elements;
            }
        }
        return new DecodedFields.Items(op, listOrEmpty(name));
    }

    /// Maps of an array where they stand.
    private static final class Elements implements Maps {
        private final MsgpackReader reader;
        private final ScannedFields element;
        private int size;
        private int next;

        Elements(MsgpackReader reader) {
            this.reader = reader;
            this.element = new ScannedFields(reader);
        }

        void begin(String op, int length) {
            element.op = op;
            size = length;
            next = reader.position();
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public @Nullable Fields next() {
            reader.goTo(next);
            try {
                if (element.scan(2)) {
                    next = reader.position();
                    return element;
                }
                Object other = reader.next();
                next = reader.position();
                return other instanceof Map<?, ?> map ? new DecodedFields(element.op, map) : null;
            } catch (BadMessageException e) {
                throw new IllegalStateException("a value that was passed", e);
            }
        }
    }
}
