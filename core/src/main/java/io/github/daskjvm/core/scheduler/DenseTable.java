package io.github.daskjvm.core.scheduler;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Elements in the order in which they came, each found by its key in constant time. Costs 12 bytes an element, 8 to
/// 18, where a `LinkedHashMap` costs 42: the elements are in one array, and an index of ints says where.
///
/// A removed element leaves a gap, to which its entry of the index still leads. When there is no room left, or
/// there are more gaps than elements, both arrays are made anew without gaps, so that they also shrink.
abstract class DenseTable<T> extends AbstractSet<T> {
    private static final int ROOM_MIN = 8;
    private static final int GAPS_MIN = 16;

    private @Nullable Object[] elements = {};
    /// By open addressing: 0 where there is nothing, or in the lower bits one more than a place in `elements`, and in
    /// the others as many bits of the hash, so that other elements are hardly ever looked at.
    private int[] index = {0, 0};

    /// Places of `elements` in use, gaps included.
    private int end;

    private int size;

    /// What the element, one of the table or like them, is found by.
    abstract Object keyOf(Object element);

    @Override
    public final int size() {
        return size;
    }

    /// @return the element with an equal key; null if there is none
    @SuppressWarnings("unchecked")
    final @Nullable T get(Object key) {
        int at = find(key);
        return at < 0 ? null : (T) elements[at];
    }

    @Override
    public final boolean contains(Object element) {
        return find(keyOf(element)) >= 0;
    }

    private static int spread(Object key) {
        return key.hashCode() * 0x9E3779B9;
    }

    private int find(Object key) {
        int hash = spread(key);
        int mask = index.length - 1;
        int shift = Integer.numberOfLeadingZeros(mask);
        int rest = hash << (Integer.SIZE - shift);
        for (int slot = hash >>> shift; index[slot] != 0; slot = (slot + 1) & mask) {
            int entry = index[slot];
            if ((entry & ~mask) == rest) {
                Object element = elements[(entry & mask) - 1];
                if (element != null && key.equals(keyOf(element))) {
                    return (entry & mask) - 1;
                }
            }
        }
        return -1;
    }

    @Override
    public final boolean add(T element) {
        if (find(keyOf(element)) >= 0) {
            return false;
        }
        if (end == elements.length) {
            rebuild();
        }
        append(element);
        size++;
        return true;
    }

    private void append(Object element) {
        int hash = spread(keyOf(element));
        int mask = index.length - 1;
        int shift = Integer.numberOfLeadingZeros(mask);
        int slot = hash >>> shift;
        while (index[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        elements[end] = element;
        index[slot] = ++end | hash << (Integer.SIZE - shift);
    }

    /// Leaves room for so many elements more, so that adding them never takes long at once.
    final void reserve(int more) {
        if (elements.length - end < more) {
            rebuild(size + more);
        }
    }

    /// Leaves room for half as many elements again.
    private void rebuild() {
        rebuild(Math.max(ROOM_MIN, size + (size >> 1) + 1));
    }

    /// At most four fifths of the index are used.
    private void rebuild(int room) {
        @Nullable Object[] old = elements;
        int oldEnd = end;
        elements = new Object[room];
        index = new int[Integer.highestOneBit(room + (room >> 2)) << 1];
        end = 0;
        for (int i = 0; i < oldEnd; i++) {
            Object element = old[i];
            if (element != null) {
                append(element);
            }
        }
    }

    @Override
    public final boolean remove(Object element) {
        int at = find(keyOf(element));
        if (at < 0) {
            return false;
        }
        elements[at] = null;
        size--;
        if (end - size > Math.max(GAPS_MIN, size)) {
            rebuild();
        }
        return true;
    }

    @Override
    public final void clear() {
        Arrays.fill(elements, 0, end, null);
        size = 0;
        rebuild();
    }

    /// Removes nothing.
    ///
    /// @throws ConcurrentModificationException from `next`, if the table has grown or shrunk
    @Override
    public final Iterator<T> iterator() {
        return new Walk(true);
    }

    /// The last that came first.
    final Iterable<T> newestFirst() {
        return () -> new Walk(false);
    }

    private final class Walk implements Iterator<T> {
        private final int expectedSize = size;
        private final boolean forward;
        private int next;

        Walk(boolean forward) {
            this.forward = forward;
            next = forward ? 0 : end - 1;
            skipGaps();
        }

        private void skipGaps() {
            while (hasNext() && elements[next] == null) {
                next += forward ? 1 : -1;
            }
        }

        @Override
        public boolean hasNext() {
            return forward ? next < end : next >= 0;
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway"}) // It stands at an element.
        public T next() {
            if (size != expectedSize) {
                throw new ConcurrentModificationException();
            }
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            T element = (T) elements[next];
            next += forward ? 1 : -1;
            skipGaps();
            return element;
        }
    }
}
