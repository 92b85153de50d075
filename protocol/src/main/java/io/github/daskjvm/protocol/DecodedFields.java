package io.github.daskjvm.protocol;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message as the map that was made of it.
final class DecodedFields extends Fields {
    private final String op;
    private final Map<?, ?> map;

    DecodedFields(String op, Map<?, ?> map) {
        this.op = op;
        this.map = map;
    }

    @Override
    public String op() {
        return op;
    }

    @Override
    public Map<?, ?> map() {
        return map;
    }

    @Override
    public @Nullable Object get(String name) {
        return map.get(name);
    }

    @Override
    public boolean has(String name) {
        return map.containsKey(name);
    }

    @Override
    public Maps maps(String name) throws BadMessageException {
        return new Items(op, listOrEmpty(name));
    }

    /// Maps that have been made.
    static final class Items implements Maps {
        private final String op;
        private final int size;
        private final Iterator<?> items;

        Items(String op, Collection<?> items) {
            this.op = op;
            this.size = items.size();
            this.items = items.iterator();
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public @Nullable Fields next() {
            return items.next() instanceof Map<?, ?> map ? new DecodedFields(op, map) : null;
        }
    }
}
