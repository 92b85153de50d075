package io.github.daskjvm.core.ordering;

import java.util.Arrays;

/// A static order of a graph's tasks that keeps few results in memory at a time: what `dask.order.order` is for in
/// Dask.
///
/// Tasks are numbers from 0 on. Among tasks that are otherwise alike, the one of the lower number goes first, so number
/// them in the order that a reader would expect: that of the graph as it was written, or of its keys. A dependency may
/// be named more than once; what is not in the graph, a future of another one, is left out. The answer is each task's
/// priority: its place in the order, from 0. The time is about linear in tasks and dependencies, nothing recurses, and
/// the same graph has the same order each time.
///
/// The order is that of a walk, see [Walk]. Where there are several final results and they are not all alike, a second
/// walk begins with the one that needs the most, and the better of the two is taken.
public final class TaskOrder {
    private TaskOrder() {}

    /// @param dependencies of each task, the numbers of the tasks that must run before it
    /// @throws CyclicGraphException if tasks wait for each other
    /// @throws IllegalArgumentException if a dependency is no task's number
    public static int[] of(int[][] dependencies) {
        int[] starts = new int[dependencies.length + 1];
        for (int task = 0; task < dependencies.length; task++) {
            starts[task + 1] = starts[task] + dependencies[task].length;
        }
        int[] all = new int[starts[dependencies.length]];
        for (int task = 0; task < dependencies.length; task++) {
            System.arraycopy(dependencies[task], 0, all, starts[task], dependencies[task].length);
        }
        return of(starts, all);
    }

    /// @param starts where in the other array each task's dependencies start, and after the last task where they end:
    ///     one more than there are tasks, the first of them 0
    /// @param dependencies the numbers of the tasks depended on, those of task 0 first
    /// @throws CyclicGraphException if tasks wait for each other
    /// @throws IllegalArgumentException if a dependency is no task's number, or the starts are not in order
    public static int[] of(int[] starts, int[] dependencies) {
        var graph = new TaskGraph(starts, dependencies);
        int[] finals = graph.finals();
        var walk = new Walk(graph);
        walk.through(finals, Integer.MAX_VALUE);
        if (walk.peak() <= graph.leastPeak() || !sort(finals, graph)) {
            return walk.priorities();
        }
        var second = new Walk(graph);
        return second.through(finals, walk.peak()) ? second.priorities() : walk.priorities();
    }

    /// Sorts final tasks by what they need, the most first.
    ///
    /// @return if that is another order
    private static boolean sort(int[] finals, TaskGraph graph) {
        long[] keys = new long[finals.length];
        boolean sorted = true;
        for (int i = 0; i < finals.length; i++) {
            keys[i] = (long) -graph.weights[finals[i]] << Integer.SIZE | finals[i];
            sorted &= i == 0 || keys[i - 1] <= keys[i];
        }
        if (sorted) {
            return false;
        }
        Arrays.sort(keys);
        for (int i = 0; i < finals.length; i++) {
            finals[i] = (int) keys[i];
        }
        return true;
    }
}
