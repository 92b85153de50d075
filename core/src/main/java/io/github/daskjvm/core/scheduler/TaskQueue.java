package io.github.daskjvm.core.scheduler;

import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Tasks by priority, the first to go in front, with any other to be taken out, too. Those that come in order, as most
/// tasks of a graph do, are in a [TaskRing]; each of the others is in a heap, and knows its place. Costs 4 to 8 bytes a
/// task, and 4 in the task; a `TreeSet` costs 32. To add and to remove take constant time in the run, and in the heap
/// time in proportion to the logarithm of its size. A task is in one queue at most, and its priority stays the same
/// meanwhile.
final class TaskQueue extends AbstractCollection<TaskState> {
    private static final int ROOM_MIN = 16;

    private final TaskRing run;
    /// From place 1 on, the two below place `i` being `2i` and `2i + 1`.
    private @Nullable TaskState[] heap = new TaskState[ROOM_MIN];
    /// Of the heap.
    private int size;

    TaskQueue() {
        this(0);
    }

    /// @param number of the first task in the run
    TaskQueue(int number) {
        run = new TaskRing(number);
    }

    @Override
    public int size() {
        return run.size() + size;
    }

    /// @throws NoSuchElementException if there is none
    TaskState first() {
        TaskState first = firstOrNull();
        if (first == null) {
            throw new NoSuchElementException();
        }
        return first;
    }

    private @Nullable TaskState firstOrNull() {
        TaskState first = run.first();
        return size > 0 && (first == null || at(1).compareTo(first) < 0) ? at(1) : first;
    }

    /// Takes out the first; null if there is none.
    @Nullable
    TaskState poll() {
        TaskState first = firstOrNull();
        if (first != null) {
            remove(first);
        }
        return first;
    }

    @SuppressWarnings("NullAway") // Full up to `size`.
    private TaskState at(int place) {
        return heap[place];
    }

    @Override
    public boolean contains(Object item) {
        return item instanceof TaskState task && holds(task);
    }

    private boolean holds(TaskState task) {
        int place = task.place;
        return place > 0 ? place <= size && heap[place] == task : run.contains(task);
    }

    @Override
    public boolean add(TaskState task) {
        if (holds(task)) {
            return false;
        }
        TaskState last = run.last();
        if (last == null || task.compareTo(last) >= 0) {
            return run.add(task);
        }
        task.checkIsNowhere();
        if (++size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * heap.length);
        }
        up(task, size);
        return true;
    }

    @Override
    public boolean remove(Object item) {
        if (!(item instanceof TaskState task) || !holds(task)) {
            return false;
        }
        if (task.place < 0) {
            return run.remove(task);
        }
        int place = task.place;
        task.place = 0;
        TaskState last = at(size);
        heap[size--] = null;
        if (last != task) {
            if (place > 1 && last.compareTo(at(place / 2)) < 0) {
                up(last, place);
            } else {
                down(last, place);
            }
        }
        if (heap.length > ROOM_MIN && size < heap.length / 4) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
        return true;
    }

    private void up(TaskState task, int from) {
        int place = from;
        while (place > 1 && task.compareTo(at(place / 2)) < 0) {
            put(at(place / 2), place);
            place /= 2;
        }
        put(task, place);
    }

    private void down(TaskState task, int from) {
        int place = from;
        while (2 * place <= size) {
            int below = 2 * place;
            if (below < size && at(below + 1).compareTo(at(below)) < 0) {
                below++;
            }
            if (task.compareTo(at(below)) <= 0) {
                break;
            }
            put(at(below), place);
            place = below;
        }
        put(task, place);
    }

    private void put(TaskState task, int place) {
        heap[place] = task;
        task.place = place;
    }

    /// In order, of those that are there now; takes time to sort them.
    @Override
    public Iterator<TaskState> iterator() {
        TaskState[] sorted = new TaskState[size()];
        System.arraycopy(heap, 1, sorted, 0, size);
        int next = size;
        for (TaskState task : run) {
            sorted[next++] = task;
        }
        Arrays.sort(sorted);
        return List.of(sorted).iterator();
    }
}
