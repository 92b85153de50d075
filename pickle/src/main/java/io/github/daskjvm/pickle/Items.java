package io.github.daskjvm.pickle;

import java.util.AbstractList;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// What an array holds, unmodifiable: one object where `java.util` takes two. A large graph has millions of tuples.
final class Items extends AbstractList<@Nullable Object> implements RandomAccess {
    private final @Nullable Object[] items;

    Items(@Nullable Object[] items) {
        this.items = items;
    }

    @Override
    public @Nullable Object get(int i) {
        return items[i];
    }

    @Override
    public int size() {
        return items.length;
    }
}
