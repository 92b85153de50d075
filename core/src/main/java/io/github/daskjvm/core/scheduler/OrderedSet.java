package io.github.daskjvm.core.scheduler;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// A set in insertion order, for the neighbours of a task: there are millions of tasks, and most have a handful of
/// neighbours, one or none. All sets without an element are one, and so are all with the same single element, so that
/// these cost nothing; a few cost 16 bytes and an array, and more are a [DenseSet].
///
/// A set changes by becoming another, `tasks = tasks.with(task)`, and whoever has it takes the other one in its place:
/// the old one may have been changed itself, if it had more than two elements. So it must not be kept elsewhere.
final class OrderedSet<T extends OrderedSet.Item<T>> extends AbstractSet<T> {
    private static final int SMALL_MAX = 8;
    private static final int LARGE = -1;

    @SuppressWarnings("rawtypes") // It has no elements.
    private static final OrderedSet NONE = new OrderedSet(new Object[0], 0);

    /// Makes the compiler complain where what a method returns is not used.
    @interface CheckReturnValue {}

    /// What can be in such sets.
    interface Item<T extends Item<T>> {
        /// The set of this alone, made when it is first needed by [#of].
        OrderedSet<T> alone();
    }

    /// The only element, an array of none or some, or a `DenseSet`, by [#count].
    private Object held;

    private int count;

    private OrderedSet(Object held, int count) {
        this.held = held;
        this.count = count;
    }

    @SuppressWarnings("unchecked")
    static <T extends Item<T>> OrderedSet<T> none() {
        return NONE;
    }

    /// For [Item#alone]; others ask the item.
    static <T extends Item<T>> OrderedSet<T> of(T item) {
        return new OrderedSet<>(item, 1);
    }

    /// The set that takes this one's place: with the item, at the end if it is new.
    @CheckReturnValue
    OrderedSet<T> with(T item) {
        if (count == LARGE) {
            large().add(item);
            return this;
        }
        if (indexOf(item) >= 0) {
            return this;
        }
        switch (count) {
            case 0 -> {
                return item.alone();
            }
            case 1 -> {
                return new OrderedSet<>(new Object[] {held, item}, 2);
            }
            case 2 -> {
                return new OrderedSet<>(new Object[] {item(0), item(1), item, null}, 3);
            }
            case SMALL_MAX -> grow(item);
            default -> append(item);
        }
        return this;
    }

    private void append(T item) {
        Object[] items = (Object[]) held;
        if (count == items.length) {
            items = Arrays.copyOf(items, Math.min(SMALL_MAX, count * 2));
            held = items;
        }
        items[count++] = item;
    }

    private void grow(T item) {
        var grown = new DenseSet<T>();
        for (int i = 0; i < count; i++) {
            grown.add(item(i));
        }
        grown.add(item);
        held = grown;
        count = LARGE;
    }

    /// The other set, if that has the same elements and is never changed itself; otherwise this one.
    OrderedSet<T> orSame(OrderedSet<T> other) {
        boolean same = count == 2 && other.count == 2 && item(0) == other.item(0) && item(1) == other.item(1);
        return same ? other : this;
    }

    /// The set that takes this one's place: without the item, if it has it.
    @CheckReturnValue
    OrderedSet<T> without(T item) {
        if (count == LARGE) {
            large().remove(item);
            return large().size() > 1 ? this : remaining(large().iterator());
        }
        int at = indexOf(item);
        if (at < 0) {
            return this;
        }
        if (count == 1) {
            return none();
        }
        if (count == 2) {
            return item(1 - at).alone();
        }
        removeAt(at);
        return this;
    }

    private OrderedSet<T> remaining(Iterator<T> one) {
        return one.hasNext() ? one.next().alone() : none();
    }

    @SuppressWarnings("NullAway") // A slot beyond the elements holds nothing.
    private void removeAt(int at) {
        Object[] items = (Object[]) held;
        count--;
        System.arraycopy(items, at + 1, items, at, count - at);
        items[count] = null;
    }

    @SuppressWarnings("unchecked") // Held where `count` says so.
    private DenseSet<T> large() {
        return (DenseSet<T>) held;
    }

    @SuppressWarnings("unchecked") // Likewise.
    private T item(int at) {
        return (T) (count == 1 ? held : ((Object[]) held)[at]);
    }

    private int indexOf(Object item) {
        for (int i = 0; i < count; i++) {
            if (item(i) == item) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int size() {
        return count == LARGE ? large().size() : count;
    }

    @Override
    public boolean isEmpty() {
        return count == 0;
    }

    @Override
    public boolean contains(Object item) {
        return count == LARGE ? large().contains(item) : indexOf(item) >= 0;
    }

    @Override
    public Iterator<T> iterator() {
        return count == LARGE ? large().iterator() : new Few();
    }

    private final class Few implements Iterator<T> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        public T next() {
            if (next >= count) {
                throw new NoSuchElementException();
            }
            return item(next++);
        }
    }
}
