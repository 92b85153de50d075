package io.github.daskjvm.core.scheduler;

import java.util.AbstractSet;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Elements in the order in which they came, each found by its key in constant time. Costs 12 bytes an element, 8 to
/// 18, where a `LinkedHashMap` costs 42: the elements are in one array, and an index of ints says where.
///
/// A removed element leaves a gap, to which its entry of the index still leads. When there is no room left, or
/// there are more gaps than elements, both arrays are made anew without gaps, so that they also shrink. What is in a
/// large table moves over bit by bit, some of it whenever an element comes or goes, so that none of these takes long.
abstract class DenseTable<T> extends AbstractSet<T> {
    private static final int ROOM_MIN = 8;
    private static final int GAPS_MIN = 16;
    /// So many elements move at once, which takes less than a millisecond.
    private static final int MOVED_AT_ONCE_MAX = 1 << 13;
    private static final int MOVED_BY_EACH = 8;
    /// Smaller ones, through which elements pass, have room for more of them.
    private static final int ROOMY_MAX = 1 << 12;

    private final boolean roomy;
    private @Nullable Object[] elements = {};
    /// By open addressing: 0 where there is nothing, or in the lower bits one more than a place in `elements`, and in
    /// the others as many bits of the hash, so that other elements are hardly ever looked at.
    private int[] index = {0, 0};

    /// Places of `elements` in use, gaps included.
    private int end;

    private int size;

    /// Null unless something is still to be moved.
    private @Nullable Old old;

    /// The arrays before, as long as there is something in them. What moves leaves a gap there, and goes to the places
    /// from 0 on that are kept for it; what comes meanwhile is behind these.
    private static final class Old {
        final @Nullable Object[] elements;
        final int[] index;
        final int end;
        /// Where the places kept for them end.
        final int kept;
        /// Those before are moved.
        int next;
        /// Where the next goes.
        int to;

        Old(@Nullable Object[] elements, int[] index, int end, int kept) {
            this.elements = elements;
            this.index = index;
            this.end = end;
            this.kept = kept;
        }

        /// How many places more than in the new array there are to look at, to see all in order.
        int more() {
            return to + end - next - kept;
        }

        /// The place in the old array; less than `next` or from `end` on if it is one in the new array.
        int place(int at) {
            return at < to ? -1 : next + at - to;
        }
    }

    /// @param roomy elements come and go all the time: as long as there are no more than some thousand, there is room
    ///     for four times as many. When it is used up, whatever has gone, all elements have to move.
    DenseTable(boolean roomy) {
        this.roomy = roomy;
    }

    /// What the element, one of the table or like them, is found by.
    abstract Object keyOf(Object element);

    @Override
    public final int size() {
        return size;
    }

    /// @return the element with an equal key; null if there is none
    @SuppressWarnings("unchecked")
    final @Nullable T get(Object key) {
        int at = find(key, elements, index);
        if (at >= 0) {
            return (T) elements[at];
        }
        Old from = old;
        if (from != null) {
            at = find(key, from.elements, from.index);
            if (at >= 0) {
                return (T) from.elements[at];
            }
        }
        return null;
    }

    @Override
    public final boolean contains(Object element) {
        return has(keyOf(element));
    }

    private boolean has(Object key) {
        Old from = old;
        return find(key, elements, index) >= 0 || (from != null && find(key, from.elements, from.index) >= 0);
    }

    private static int spread(Object key) {
        return key.hashCode() * 0x9E3779B9;
    }

    private int find(Object key, @Nullable Object[] held, int[] slots) {
        int hash = spread(key);
        int mask = slots.length - 1;
        for (int slot = likely(hash, home(hash, slots), slots);
                slot >= 0;
                slot = likely(hash, (slot + 1) & mask, slots)) {
            int at = (slots[slot] & mask) - 1;
            Object element = held[at];
            if (element != null && key.equals(keyOf(element))) {
                return at;
            }
        }
        return -1;
    }

    private static int home(int hash, int[] slots) {
        return hash >>> Integer.numberOfLeadingZeros(slots.length - 1);
    }

    /// The first from that slot on whose entry is of an element with that hash, but for a few bits; -1 if none is.
    private static int likely(int hash, int from, int[] slots) {
        int mask = slots.length - 1;
        int rest = hash << (Integer.SIZE - Integer.numberOfLeadingZeros(mask));
        for (int slot = from; slots[slot] != 0; slot = (slot + 1) & mask) {
            if ((slots[slot] & ~mask) == rest) {
                return slot;
            }
        }
        return -1;
    }

    /// The first that the test is true of, among elements with an equal key or, hardly ever, with another one of the
    /// same hash. What a key says lies elsewhere in memory, and what was not used of late costs a while to fetch:
    /// who knows an element by something else need not.
    final @Nullable T likely(Object key, Predicate<? super T> test) {
        T found = likely(key, test, elements, index);
        Old from = old;
        return found == null && from != null ? likely(key, test, from.elements, from.index) : found;
    }

    @SuppressWarnings("unchecked")
    private @Nullable T likely(Object key, Predicate<? super T> test, @Nullable Object[] held, int[] slots) {
        int hash = spread(key);
        int mask = slots.length - 1;
        for (int slot = likely(hash, home(hash, slots), slots);
                slot >= 0;
                slot = likely(hash, (slot + 1) & mask, slots)) {
            T element = (T) held[(slots[slot] & mask) - 1];
            if (element != null && test.test(element)) {
                return element;
            }
        }
        return null;
    }

    @Override
    public final boolean add(T element) {
        if (has(keyOf(element))) {
            return false;
        }
        addNew(element);
        return true;
    }

    /// What is known not to be there.
    final void addNew(T element) {
        if (end == elements.length) {
            rebuild(Math.max(ROOM_MIN, roomToGrow()));
        }
        put(element, end++);
        size++;
        if (old != null) {
            move(old, MOVED_BY_EACH);
        }
    }

    private void put(Object element, int at) {
        int hash = spread(keyOf(element));
        int mask = index.length - 1;
        int shift = Integer.numberOfLeadingZeros(mask);
        int slot = hash >>> shift;
        while (index[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        elements[at] = element;
        index[slot] = (at + 1) | hash << (Integer.SIZE - shift);
    }

    /// Leaves room for so many elements more, so that adding them makes nothing anew.
    final void reserve(int more) {
        if (elements.length - end < more) {
            rebuild(Math.max(size + more, roomToGrow()));
        }
    }

    /// For half as many elements again, or three times as many.
    private int roomToGrow() {
        return size + (isRoomy() ? 3 * size : size >> 1) + 1;
    }

    private boolean isRoomy() {
        return roomy && size <= ROOMY_MAX;
    }

    /// At most four fifths of the index are used.
    private void rebuild(int room) {
        if (old != null) {
            move(old, Integer.MAX_VALUE);
        }
        var from = new Old(elements, index, end, size);
        elements = new Object[room];
        index = new int[Integer.highestOneBit(room + (room >> 2)) << 1];
        end = size;
        old = from;
        move(from, size <= MOVED_AT_ONCE_MAX ? Integer.MAX_VALUE : MOVED_BY_EACH);
    }

    private void move(Old from, int most) {
        for (int left = most; left > 0 && from.next < from.end; from.next++) {
            Object element = from.elements[from.next];
            if (element != null) {
                from.elements[from.next] = null;
                put(element, from.to++);
                left--;
            }
        }
        if (from.next == from.end) {
            old = null;
        }
    }

    @Override
    public final boolean remove(Object element) {
        if (!takeOut(keyOf(element))) {
            return false;
        }
        size--;
        if (old != null) {
            move(old, MOVED_BY_EACH);
        } else if (end - size > Math.max(GAPS_MIN, isRoomy() ? 3 * size : size)) {
            rebuild(Math.max(ROOM_MIN, roomToGrow()));
        }
        return true;
    }

    private boolean takeOut(Object key) {
        int at = find(key, elements, index);
        if (at >= 0) {
            elements[at] = null;
            return true;
        }
        Old from = old;
        if (from != null) {
            at = find(key, from.elements, from.index);
            if (at >= 0) {
                from.elements[at] = null;
                return true;
            }
        }
        return false;
    }

    @Override
    public final void clear() {
        elements = new Object[ROOM_MIN];
        index = new int[2 * ROOM_MIN];
        end = 0;
        size = 0;
        old = null;
    }

    /// Places to look at to see all elements in order.
    private int places() {
        Old from = old;
        return from == null ? end : end + from.more();
    }

    /// What is at a place of all; null for a gap.
    private @Nullable Object at(int place) {
        Old from = old;
        if (from == null) {
            return elements[place];
        }
        int before = from.place(place);
        if (before < 0) {
            return elements[place];
        }
        return before < from.end ? from.elements[before] : elements[place - from.more()];
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
        private final int places = places();
        private final boolean forward;
        private int next;

        Walk(boolean forward) {
            this.forward = forward;
            next = forward ? 0 : places - 1;
            skipGaps();
        }

        private void skipGaps() {
            while (hasNext() && at(next) == null) {
                next += forward ? 1 : -1;
            }
        }

        @Override
        public boolean hasNext() {
            return forward ? next < places : next >= 0;
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
            T element = (T) at(next);
            next += forward ? 1 : -1;
            skipGaps();
            return element;
        }
    }
}
