package io.github.daskjvm.core.scheduler;

import java.util.AbstractCollection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Tasks in the order in which they came, each of which knows its place, and so is in one ring or [TaskQueue] at most.
/// To add one and to take any out takes constant time and looks at no other task.
final class TaskRing extends AbstractCollection<TaskState> {
    private static final int ROOM_MIN = 16;
    /// Numbers follow one another up to this one, and then from 0 on.
    private static final int NUMBER_MAX = Integer.MAX_VALUE;

    /// The task of a number is at what is left of it when divided by the length, a power of two; null for a gap. Its
    /// place is the complement of the number, which is negative.
    private @Nullable TaskState[] ring = new TaskState[ROOM_MIN];
    /// Of the first; there is no gap.
    private int head;
    /// Of the next; before it there is no gap.
    private int tail;

    private int size;

    TaskRing() {
        this(0);
    }

    /// @param number of the first that is added
    TaskRing(int number) {
        head = number;
        tail = number;
    }

    @Override
    public int size() {
        return size;
    }

    /// Null if there is none.
    @Nullable
    TaskState first() {
        return at(head);
    }

    /// Null if there is none.
    @Nullable
    TaskState last() {
        return at(tail - 1);
    }

    private @Nullable TaskState at(int number) {
        return ring[number & ring.length - 1];
    }

    private void put(@Nullable TaskState task, int number) {
        ring[number & ring.length - 1] = task;
    }

    private static int after(int number) {
        return number + 1 & NUMBER_MAX;
    }

    private static int before(int number) {
        return number - 1 & NUMBER_MAX;
    }

    private int between() {
        return tail - head & NUMBER_MAX;
    }

    @Override
    public boolean contains(@Nullable Object item) {
        return item instanceof TaskState task && task.place < 0 && at(~task.place) == task;
    }

    /// @throws IllegalStateException if the task is in another one, or in a queue
    @Override
    public boolean add(TaskState task) {
        if (contains(task)) {
            return false;
        }
        task.checkIsNowhere();
        if (between() == ring.length) {
            makeRoom();
        }
        put(task, tail);
        task.place = ~tail;
        tail = after(tail);
        size++;
        return true;
    }

    @Override
    public boolean remove(@Nullable Object item) {
        if (!(item instanceof TaskState task) || !contains(task)) {
            return false;
        }
        put(null, ~task.place);
        task.place = 0;
        size--;
        while (head != tail && first() == null) {
            head = after(head);
        }
        while (head != tail && last() == null) {
            tail = before(tail);
        }
        if (ring.length > ROOM_MIN && between() < ring.length / 4) {
            move(ring.length / 2);
        }
        return true;
    }

    private void makeRoom() {
        if (size > ring.length / 2) {
            move(2 * ring.length);
        } else {
            closeGaps();
        }
    }

    private void move(int length) {
        @Nullable TaskState[] from = ring;
        ring = new TaskState[length];
        for (int number = head; number != tail; number = after(number)) {
            put(from[number & from.length - 1], number);
        }
    }

    private void closeGaps() {
        int next = head;
        for (int number = head; number != tail; number = after(number)) {
            TaskState task = at(number);
            if (task != null) {
                put(null, number);
                put(task, next);
                task.place = ~next;
                next = after(next);
            }
        }
        tail = next;
    }

    /// Removes nothing.
    ///
    /// @throws ConcurrentModificationException from `next`, if there are more or fewer than before
    @Override
    public Iterator<TaskState> iterator() {
        return new Walk(true);
    }

    /// The last that came first.
    Iterable<TaskState> newestFirst() {
        return () -> new Walk(false);
    }

    private final class Walk implements Iterator<TaskState> {
        private final boolean forward;
        private final int expectedSize = size;
        private int left = size;
        private int number;

        Walk(boolean forward) {
            this.forward = forward;
            number = forward ? head : before(tail);
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public TaskState next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            if (size != expectedSize) {
                throw new ConcurrentModificationException();
            }
            TaskState task = null;
            while (task == null) {
                task = at(number);
                number = forward ? after(number) : before(number);
            }
            left--;
            return task;
        }
    }
}
