package io.github.daskjvm.core.scheduler;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// A set in insertion order that costs one small object while it has one element or none, and an array while it has a
/// few. Most tasks have a handful of neighbours, and there are millions of tasks; six hash sets each would be
/// most of the memory. Beyond a few elements it becomes a `LinkedHashSet`.
final class OrderedSet<T> extends AbstractSet<T> {
    private static final int SMALL_MAX = 8;
    private static final int LARGE = -1;

    /// Nothing, the only element, an array of them, or a `LinkedHashSet`, by [#count].
    private @Nullable Object held;

    private int count;

    @Override
    public int size() {
        return count == LARGE ? large().size() : count;
    }

    @Override
    public boolean isEmpty() {
        return count == 0 || (count == LARGE && large().isEmpty());
    }

    @Override
    public boolean contains(@Nullable Object item) {
        return count == LARGE ? large().contains(item) : indexOf(item) >= 0;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // Held where `count` says so.
    private LinkedHashSet<T> large() {
        return (LinkedHashSet<T>) held;
    }

    @SuppressWarnings("NullAway") // Held where `count` says so.
    private Object item(int at) {
        return count == 1 ? held : ((Object[]) held)[at];
    }

    private int indexOf(@Nullable Object item) {
        for (int i = 0; i < count; i++) {
            if (item(i).equals(item)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public boolean add(T item) {
        if (count == LARGE) {
            return large().add(item);
        }
        if (indexOf(item) >= 0) {
            return false;
        }
        switch (count) {
            case 0 -> held = item;
            case 1 -> held = new Object[] {item(0), item};
            case SMALL_MAX -> {
                grow(item);
                return true;
            }
            default -> append(item);
        }
        count++;
        return true;
    }

    @SuppressWarnings("NullAway") // Held where `count` says so.
    private void append(T item) {
        Object[] items = (Object[]) held;
        if (count == items.length) {
            items = Arrays.copyOf(items, count * 2);
            held = items;
        }
        items[count] = item;
    }

    @SuppressWarnings("unchecked")
    private void grow(T item) {
        var grown = new LinkedHashSet<T>(4 * SMALL_MAX);
        for (int i = 0; i < count; i++) {
            grown.add((T) item(i));
        }
        grown.add(item);
        held = grown;
        count = LARGE;
    }

    @Override
    public boolean remove(@Nullable Object item) {
        if (count == LARGE) {
            return large().remove(item);
        }
        int at = indexOf(item);
        if (at < 0) {
            return false;
        }
        removeAt(at);
        return true;
    }

    @SuppressWarnings("NullAway") // A slot beyond the elements holds nothing.
    private void removeAt(int at) {
        if (count <= 2) {
            held = count == 1 ? null : item(1 - at);
        } else {
            Object[] items = (Object[]) held;
            System.arraycopy(items, at + 1, items, at, count - at - 1);
            items[count - 1] = null;
        }
        count--;
    }

    @Override
    public void clear() {
        held = null;
        count = 0;
    }

    @Override
    public Iterator<T> iterator() {
        return switch (count) {
            case LARGE -> large().iterator();
            case 0 -> Collections.emptyIterator();
            default -> new Few();
        };
    }

    private final class Few implements Iterator<T> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        @SuppressWarnings("unchecked")
        public T next() {
            if (next >= count) {
                throw new NoSuchElementException();
            }
            return (T) item(next++);
        }

        @Override
        public void remove() {
            removeAt(--next);
        }
    }
}
