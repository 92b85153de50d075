package io.github.daskjvm.core.ordering;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Graphs of random kinds and sizes, their tasks numbered in any order.
final class RandomGraphs {
    private final Random random;

    RandomGraphs(Random random) {
        this.random = random;
    }

    int[][] next() {
        List<int[]> graph = new ArrayList<>();
        int parts = 1 + random.nextInt(3);
        for (int part = 0; part < parts; part++) {
            int tasks = 1 + random.nextInt(random.nextInt(8) == 0 ? 400 : 40);
            switch (random.nextInt(5)) {
                case 0 -> any(graph, tasks);
                case 1 -> layers(graph, tasks);
                case 2 -> tree(graph, tasks);
                case 3 -> chains(graph, tasks);
                default -> shared(graph, tasks);
            }
        }
        return renumbered(graph);
    }

    /// Up to three dependencies anywhere before, some of them named twice.
    private void any(List<int[]> graph, int tasks) {
        int first = graph.size();
        for (int task = 0; task < tasks; task++) {
            int[] dependencies = new int[task == 0 ? 0 : random.nextInt(4)];
            for (int i = 0; i < dependencies.length; i++) {
                dependencies[i] = first + random.nextInt(task);
            }
            graph.add(dependencies);
        }
    }

    /// Each of a layer needs some neighbours of the one before: maps, stencils, exchanges of all with all.
    private void layers(List<int[]> graph, int tasks) {
        int width = 1 + random.nextInt(20);
        int reach = 1 + random.nextInt(width);
        int first = graph.size();
        for (int task = 0; task < tasks; task++) {
            int layer = task / width;
            int[] dependencies = new int[layer == 0 ? 0 : reach];
            for (int i = 0; i < dependencies.length; i++) {
                dependencies[i] = first + (layer - 1) * width + (task + i) % width;
            }
            graph.add(dependencies);
        }
    }

    private void tree(List<int[]> graph, int tasks) {
        int fanIn = 2 + random.nextInt(4);
        List<Integer> level = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            level.add(graph.size());
            graph.add(new int[0]);
        }
        while (level.size() > 1) {
            List<Integer> above = new ArrayList<>();
            for (int from = 0; from < level.size(); from += fanIn) {
                List<Integer> below = level.subList(from, Math.min(level.size(), from + fanIn));
                above.add(graph.size());
                graph.add(below.stream().mapToInt(Integer::intValue).toArray());
            }
            level = above;
        }
    }

    /// Chains that end in one task, or in none.
    private void chains(List<int[]> graph, int tasks) {
        int length = 1 + random.nextInt(12);
        List<Integer> ends = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            boolean isFirst = task % length == 0;
            if (isFirst && task > 0) {
                ends.add(graph.size() - 1);
            }
            graph.add(isFirst ? new int[0] : new int[] {graph.size() - 1});
        }
        if (random.nextBoolean()) {
            graph.add(ends.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    /// Differences of chunks with means of groups of them.
    private void shared(List<int[]> graph, int tasks) {
        int groups = 1 + random.nextInt(5);
        int first = graph.size();
        for (int task = 0; task < tasks; task++) {
            graph.add(new int[0]);
        }
        for (int group = 0; group < groups; group++) {
            List<Integer> members = new ArrayList<>();
            for (int task = group; task < tasks; task += groups) {
                members.add(first + task);
            }
            int mean = graph.size();
            graph.add(members.stream().mapToInt(Integer::intValue).toArray());
            for (int member : members) {
                graph.add(new int[] {mean});
                graph.add(new int[] {graph.size() - 1, member});
            }
        }
    }

    private int[][] renumbered(List<int[]> graph) {
        int[] numbers = new int[graph.size()];
        for (int task = 0; task < numbers.length; task++) {
            int other = random.nextInt(task + 1);
            numbers[task] = numbers[other];
            numbers[other] = task;
        }
        int[][] renumbered = new int[numbers.length][];
        for (int task = 0; task < numbers.length; task++) {
            int[] dependencies = graph.get(task);
            for (int i = 0; i < dependencies.length; i++) {
                dependencies[i] = numbers[dependencies[i]];
            }
            renumbered[numbers[task]] = dependencies;
        }
        return renumbered;
    }
}
