package io.github.daskjvm.pickle;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// What a list, a dict or a set holds, to be read and changed.
final class GrowingItems extends AbstractList<@Nullable Object> implements RandomAccess {
    private final PyNode.Growing of;

    GrowingItems(PyNode.Growing of) {
        this.of = of;
    }

    @Override
    public @Nullable Object get(int i) {
        return of.values[Objects.checkIndex(i, of.count)];
    }

    @Override
    public int size() {
        return of.count;
    }

    @Override
    public @Nullable Object set(int i, @Nullable Object value) {
        Object before = get(i);
        of.values[i] = value;
        return before;
    }

    @Override
    public void add(int i, @Nullable Object value) {
        Objects.checkIndex(i, of.count + 1);
        of.append(value);
        System.arraycopy(of.values, i, of.values, i + 1, of.count - 1 - i);
        of.values[i] = value;
    }

    @Override
    public @Nullable Object remove(int i) {
        Object before = get(i);
        System.arraycopy(of.values, i + 1, of.values, i, of.count - 1 - i);
        of.values[--of.count] = null;
        return before;
    }

    @Override
    public void clear() {
        of.values = new Object[0];
        of.count = 0;
    }
}
