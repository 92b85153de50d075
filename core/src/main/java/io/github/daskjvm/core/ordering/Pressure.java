package io.github.daskjvm.core.ordering;

import java.util.Arrays;

/// How many results are held while tasks are run one at a time in some order: what `dask.order.diagnostics` calls
/// pressure. A result is held from its task's end until the last dependent has ended. Results that no other task
/// needs are not counted, since every order ends with all of them.
///
/// @param peak the most results held when a task starts
/// @param mean of the results held when a task starts
public record Pressure(int peak, double mean) {
    /// @param starts where each task's dependencies start, with the end after the last, as for [TaskOrder]
    /// @param dependencies the tasks depended on
    /// @param priorities each task's place, from 0
    /// @throws IllegalArgumentException if a task comes before one that it depends on
    public static Pressure of(int[] starts, int[] dependencies, int[] priorities) {
        int count = priorities.length;
        int[] waiting = new int[count];
        for (int dependency : dependencies) {
            waiting[dependency]++;
        }
        int[] tasks = new int[count];
        Arrays.fill(tasks, -1);
        for (int task = 0; task < count; task++) {
            tasks[priorities[task]] = task;
        }
        int held = 0;
        int peak = 0;
        long sum = 0;
        for (int place = 0; place < count; place++) {
            int task = tasks[place];
            if (task < 0) {
                throw new IllegalArgumentException("no task has the priority " + place);
            }
            peak = Math.max(peak, held);
            sum += held;
            held += waiting[task] > 0 ? 1 : 0;
            for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
                int dependency = dependencies[edge];
                if (priorities[dependency] >= place) {
                    throw new IllegalArgumentException(
                            "task " + task + " comes before task " + dependency + ", which it depends on");
                }
                held -= --waiting[dependency] == 0 ? 1 : 0;
            }
        }
        return new Pressure(peak, count == 0 ? 0 : (double) sum / count);
    }
}
