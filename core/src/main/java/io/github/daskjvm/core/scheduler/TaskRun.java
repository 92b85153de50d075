package io.github.daskjvm.core.scheduler;

import org.jspecify.annotations.Nullable;

/// Tasks that came in order, in a ring. To add the next and to remove any takes constant time, and touches no other
/// task
/// but the last. Each task has the complement of its number, which is negative, as its place.
final class TaskRun {
    private static final int ROOM_MIN = 16;
    /// Numbers follow one another up to this one, and then from 0 on.
    private static final int NUMBER_MAX = Integer.MAX_VALUE;

    /// The task of a number is at what is left of it when divided by the length, a power of two; null for a gap.
    private @Nullable TaskState[] ring = new TaskState[ROOM_MIN];
    /// Of the first; there is no gap.
    private int head;
    /// Of the next; before it there is no gap.
    private int tail;

    private int size;

    /// @param number of the first task that is added
    TaskRun(int number) {
        head = number;
        tail = number;
    }

    int size() {
        return size;
    }

    /// Null if there is none.
    @Nullable
    TaskState first() {
        return at(head);
    }

    private @Nullable TaskState at(int number) {
        return ring[number & ring.length - 1];
    }

    private void put(@Nullable TaskState task, int number) {
        ring[number & ring.length - 1] = task;
    }

    private int between() {
        return tail - head & NUMBER_MAX;
    }

    boolean holds(TaskState task) {
        return task.queuePlace < 0 && at(~task.queuePlace) == task;
    }

    /// @return false if it goes before the last, and so does not belong here
    boolean append(TaskState task) {
        TaskState last = at(tail - 1);
        if (last != null && task.compareTo(last) < 0) {
            return false;
        }
        if (between() == ring.length) {
            makeRoom();
        }
        put(task, tail);
        task.queuePlace = ~tail;
        tail = tail + 1 & NUMBER_MAX;
        size++;
        return true;
    }

    void remove(TaskState task) {
        put(null, ~task.queuePlace);
        task.queuePlace = 0;
        size--;
        while (head != tail && at(head) == null) {
            head = head + 1 & NUMBER_MAX;
        }
        while (head != tail && at(tail - 1) == null) {
            tail = tail - 1 & NUMBER_MAX;
        }
        if (ring.length > ROOM_MIN && between() < ring.length / 4) {
            move(ring.length / 2);
        }
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
        for (int number = head; number != tail; number = number + 1 & NUMBER_MAX) {
            put(from[number & from.length - 1], number);
        }
    }

    private void closeGaps() {
        int next = head;
        for (int number = head; number != tail; number = number + 1 & NUMBER_MAX) {
            TaskState task = at(number);
            if (task != null) {
                put(null, number);
                put(task, next);
                task.queuePlace = ~next;
                next = next + 1 & NUMBER_MAX;
            }
        }
        tail = next;
    }

    /// All of them, in order, from that index on.
    void copyInto(TaskState[] tasks, int from) {
        int at = from;
        for (int number = head; number != tail; number = number + 1 & NUMBER_MAX) {
            TaskState task = at(number);
            if (task != null) {
                tasks[at++] = task;
            }
        }
    }
}
