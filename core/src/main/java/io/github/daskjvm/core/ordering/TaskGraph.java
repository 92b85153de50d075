package io.github.daskjvm.core.ordering;

import java.util.Arrays;

/// A graph's dependencies and dependents, each as one array with a slice for each task, and what every walk of it
/// starts from. Nothing in it changes.
final class TaskGraph {
    /// A weight is no larger: sums count shared tasks as often as they are reached, which can be exponential.
    private static final int MOST_WEIGHT = 1 << 30;

    final int count;
    final int[] starts;
    final int[] dependencies;
    final int[] dependentStarts;
    final int[] dependents;

    /// Of each task the tasks below it, itself included, one that is reached by several ways counted for each.
    final int[] weights;

    /// Of each task its dependencies, their number and the exclusive or of their numbers; and its dependents, likewise.
    final int[] missing;

    final int[] missingMix;
    final int[] waiting;
    final int[] waitingMix;

    private int leastPeak;

    /// @throws CyclicGraphException if tasks wait for each other
    /// @throws IllegalArgumentException if the arrays are no graph
    TaskGraph(int[] starts, int[] dependencies) {
        count = starts.length - 1;
        if (count < 0 || starts[0] != 0 || starts[count] != dependencies.length) {
            throw new IllegalArgumentException(
                    "the starts must begin with 0 and end with the number of dependencies, " + dependencies.length);
        }
        this.starts = starts;
        this.dependencies = dependencies;
        dependentStarts = new int[count + 1];
        dependents = new int[dependencies.length];
        weights = new int[count];
        missing = new int[count];
        missingMix = new int[count];
        waiting = new int[count];
        waitingMix = new int[count];
        turn();
        weigh();
    }

    private void turn() {
        // Ends become starts as each slice is filled from its end: so dependents are in order.
        for (int dependency : dependencies) {
            if (dependency < 0 || dependency >= count) {
                throw new IllegalArgumentException(
                        "a dependency is " + dependency + ", but tasks are numbered from 0 to " + (count - 1));
            }
            waiting[dependency]++;
        }
        int end = 0;
        for (int task = 0; task < count; task++) {
            end += waiting[task];
            dependentStarts[task] = end;
        }
        dependentStarts[count] = end;
        for (int task = count - 1; task >= 0; task--) {
            int size = starts[task + 1] - starts[task];
            if (size < 0) {
                throw new IllegalArgumentException("the dependencies of task " + task + " end before they start");
            }
            leastPeak = Math.max(leastPeak, size);
            missing[task] = size;
            int mix = 0;
            for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
                int dependency = dependencies[edge];
                dependents[--dependentStarts[dependency]] = task;
                mix ^= dependency;
                waitingMix[dependency] ^= task;
            }
            missingMix[task] = mix;
        }
    }

    /// By Kahn's algorithm, which finds cycles too.
    private void weigh() {
        int[] left = missing.clone();
        int[] ready = new int[count];
        int end = 0;
        for (int task = 0; task < count; task++) {
            if (left[task] == 0) {
                ready[end++] = task;
            }
        }
        for (int next = 0; next < end; next++) {
            int task = ready[next];
            long weight = 1;
            for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
                weight += weights[dependencies[edge]];
            }
            weights[task] = (int) Math.min(weight, MOST_WEIGHT);
            for (int edge = dependentStarts[task]; edge < dependentStarts[task + 1]; edge++) {
                if (--left[dependents[edge]] == 0) {
                    ready[end++] = dependents[edge];
                }
            }
        }
        if (end < count) {
            throw new CyclicGraphException(cycle(left));
        }
    }

    /// @param left above 0 for tasks in a cycle and for those that depend on one
    private int[] cycle(int[] left) {
        int task = 0;
        while (left[task] == 0) {
            task++;
        }
        int[] path = new int[count];
        int[] places = new int[count];
        Arrays.fill(places, -1);
        int length = 0;
        while (places[task] < 0) {
            places[task] = length;
            path[length++] = task;
            int edge = starts[task];
            while (left[dependencies[edge]] == 0) {
                edge++;
            }
            task = dependencies[edge];
        }
        return Arrays.copyOfRange(path, places[task], length);
    }

    /// The tasks that no other depends on, in order.
    int[] finals() {
        int[] finals = new int[count];
        int size = 0;
        for (int task = 0; task < count; task++) {
            if (dependentStarts[task] == dependentStarts[task + 1]) {
                finals[size++] = task;
            }
        }
        return Arrays.copyOf(finals, size);
    }

    /// No order holds fewer results at its peak: the most that one task needs.
    int leastPeak() {
        return leastPeak;
    }
}
