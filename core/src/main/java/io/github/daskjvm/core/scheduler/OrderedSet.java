package io.github.daskjvm.core.scheduler;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// A set in insertion order that costs one small object while empty and an array while small. Most tasks have
/// a handful of neighbours, and there are millions of tasks; six hash sets each would be most of the memory.
/// Beyond a few elements it becomes a `LinkedHashSet`.
final class OrderedSet<T> extends AbstractSet<T> {
    private static final int SMALL_MAX = 8;
    private static final Object[] EMPTY = {};

    private Object[] items = EMPTY;
    private int size;
    private @Nullable LinkedHashSet<T> large;

    @Override
    public int size() {
        return large == null ? size : large.size();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }

    @Override
    public boolean contains(@Nullable Object item) {
        return large == null ? indexOf(item) >= 0 : large.contains(item);
    }

    private int indexOf(@Nullable Object item) {
        for (int i = 0; i < size; i++) {
            if (items[i].equals(item)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    @SuppressWarnings("unchecked")
    public boolean add(T item) {
        if (large != null) {
            return large.add(item);
        }
        if (indexOf(item) >= 0) {
            return false;
        }
        if (size == SMALL_MAX) {
            var grown = new LinkedHashSet<T>(4 * SMALL_MAX);
            for (Object each : items) {
                grown.add((T) each);
            }
            large = grown;
            items = EMPTY;
            size = 0;
            return grown.add(item);
        }
        if (size == items.length) {
            items = Arrays.copyOf(items, size == 0 ? 2 : size * 2);
        }
        items[size++] = item;
        return true;
    }

    @Override
    public boolean remove(@Nullable Object item) {
        if (large != null) {
            return large.remove(item);
        }
        int at = indexOf(item);
        if (at < 0) {
            return false;
        }
        removeAt(at);
        return true;
    }

    @SuppressWarnings("NullAway") // A slot beyond the size holds nothing.
    private void removeAt(int at) {
        System.arraycopy(items, at + 1, items, at, size - at - 1);
        items[--size] = null;
    }

    @Override
    public void clear() {
        large = null;
        items = EMPTY;
        size = 0;
    }

    @Override
    public Iterator<T> iterator() {
        if (large != null) {
            return large.iterator();
        }
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size;
            }

            @Override
            @SuppressWarnings("unchecked")
            public T next() {
                if (next >= size) {
                    throw new NoSuchElementException();
                }
                return (T) items[next++];
            }

            @Override
            public void remove() {
                removeAt(--next);
            }
        };
    }
}
