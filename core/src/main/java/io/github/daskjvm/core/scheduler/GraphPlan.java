package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tasks of a large graph in the order in which they become tasks, inputs before what needs them, with numbers in
/// the place of keys. Takes time in proportion to the graph, and nothing of the scheduler's state, so that it is made
/// before the scheduler looks at the graph. Never changes.
public final class GraphPlan {
    /// By their place in the graph's order.
    final TaskSpec[] specs;
    /// Where the inputs of each task begin in [#inputs]; those of the last one end with it.
    final int[] firstInput;
    /// Numbers of tasks, or, for inputs that are not in the graph, one's complements of indices of [#outside].
    final int[] inputs;
    /// Keys that tasks need and the graph does not have, each once.
    final List<TaskKey> outside;
    /// Numbers of tasks that the client wants.
    final BitSet wanted;
    /// Keys that it wants beside them.
    final List<TaskKey> wantedOutside;

    private GraphPlan(
            TaskSpec[] specs,
            int[] firstInput,
            int[] inputs,
            List<TaskKey> outside,
            BitSet wanted,
            List<TaskKey> wantedOutside) {
        this.specs = specs;
        this.firstInput = firstInput;
        this.inputs = inputs;
        this.outside = outside;
        this.wanted = wanted;
        this.wantedOutside = wantedOutside;
    }

    /// The graph as an event to be applied in slices, if it is large and can be, or as it is.
    public static Event inSlicesIfLarge(Event.UpdateGraph graph) {
        GraphPlan plan = weight(graph.tasks()) < Event.LargeGraph.WEIGHT_MIN ? null : of(graph);
        return plan == null ? graph : new Event.LargeGraph(graph, plan);
    }

    /// Tasks and inputs of a graph.
    private static long weight(List<TaskSpec> tasks) {
        long weight = 0;
        for (TaskSpec task : tasks) {
            weight += 1 + task.dependencies().size();
        }
        return weight;
    }

    /// @return null where a key comes twice, or a task before one that it needs, as in a graph with a cycle: such a
    ///     graph is looked at as a whole
    public static @Nullable GraphPlan of(Event.UpdateGraph graph) {
        TaskSpec[] specs = byOrder(graph.tasks());
        Map<TaskKey, Integer> numbers = HashMap.newHashMap(specs.length);
        int edges = 0;
        for (int i = 0; i < specs.length; i++) {
            edges += specs[i].dependencies().size();
            if (numbers.put(specs[i].key(), i) != null) {
                return null;
            }
        }
        int[] firstInput = new int[specs.length];
        int[] inputs = new int[edges];
        Map<TaskKey, Integer> outside = new HashMap<>();
        List<TaskKey> outsideKeys = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < specs.length; i++) {
            firstInput[i] = at;
            for (TaskKey key : specs[i].dependencies()) {
                Integer number = numbers.get(key);
                if (number != null && specs[number].order() >= specs[i].order()) {
                    return null;
                }
                inputs[at++] = number != null ? number : ~number(key, outside, outsideKeys);
            }
        }
        BitSet wanted = new BitSet(specs.length);
        List<TaskKey> wantedOutside = new ArrayList<>();
        for (TaskKey key : graph.wanted()) {
            Integer number = numbers.get(key);
            if (number == null) {
                wantedOutside.add(key);
            } else {
                wanted.set(number);
            }
        }
        return new GraphPlan(specs, firstInput, inputs, outsideKeys, wanted, wantedOutside);
    }

    /// Puts each in its place where the places are those of an array, as they are unless the client gave some.
    private static TaskSpec[] byOrder(List<TaskSpec> tasks) {
        TaskSpec[] placed = new TaskSpec[tasks.size()];
        for (TaskSpec task : tasks) {
            long place = task.order();
            if (place < 0 || place >= placed.length || placed[(int) place] != null) {
                TaskSpec[] sorted = tasks.toArray(new TaskSpec[0]);
                Arrays.sort(sorted, Comparator.comparingLong(TaskSpec::order));
                return sorted;
            }
            placed[(int) place] = task;
        }
        return placed;
    }

    private static int number(TaskKey key, Map<TaskKey, Integer> numbers, List<TaskKey> keys) {
        Integer number = numbers.get(key);
        if (number == null) {
            number = keys.size();
            numbers.put(key, number);
            keys.add(key);
        }
        return number;
    }

    int size() {
        return specs.length;
    }

    /// Where the inputs of the task end in [#inputs].
    int endOfInputs(int task) {
        return task + 1 < firstInput.length ? firstInput[task + 1] : inputs.length;
    }

    /// What looking at the task takes.
    int weight(int task) {
        return 1 + endOfInputs(task) - firstInput[task];
    }
}
