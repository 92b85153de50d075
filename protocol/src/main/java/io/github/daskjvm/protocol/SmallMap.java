package io.github.daskjvm.protocol;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A map of a few entries in the order they came, as most messages are: one array, searched from its end, so that
/// the last of equal keys counts. Immutable.
final class SmallMap extends AbstractMap<@Nullable Object, @Nullable Object> {
    /// Beyond this a hash table is quicker.
    static final int MAX_ENTRIES = 16;

    private final @Nullable Object[] keysAndValues;

    /// @param keysAndValues in turn; taken over
    SmallMap(@Nullable Object[] keysAndValues) {
        this.keysAndValues = keysAndValues;
    }

    @Override
    public int size() {
        return keysAndValues.length / 2;
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        int at = find(key);
        return at < 0 ? null : keysAndValues[at + 1];
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return find(key) >= 0;
    }

    private int find(@Nullable Object key) {
        // Names of fields are one instance each, see MsgpackReader: this mostly hits, without a look at the text.
        for (int at = keysAndValues.length - 2; at >= 0; at -= 2) {
            if (key == keysAndValues[at]) {
                return at;
            }
        }
        return findEqual(key);
    }

    /// Apart, so that the short way is small enough to be part of every method that asks.
    private int findEqual(@Nullable Object key) {
        for (int at = keysAndValues.length - 2; at >= 0; at -= 2) {
            if (Objects.equals(key, keysAndValues[at])) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public Set<Map.Entry<@Nullable Object, @Nullable Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return SmallMap.this.size();
            }

            @Override
            public Iterator<Map.Entry<@Nullable Object, @Nullable Object>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Map.Entry<@Nullable Object, @Nullable Object>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < keysAndValues.length;
        }

        @Override
        public Map.Entry<@Nullable Object, @Nullable Object> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int at = next;
            next += 2;
            return new SimpleImmutableEntry<>(keysAndValues[at], keysAndValues[at + 1]);
        }
    }
}
