package io.github.daskjvm.core.ordering;

import java.util.Arrays;

/// One run of a graph in thought, a task at a time.
///
/// It goes from one final result to the next, and for each as deep as it can, heaviest dependency first: of a tree that
/// holds the fewest results, by the argument of Sethi and Ullman ("The generation of optimal code for arithmetic
/// expressions", 1970), with the weight in place of their number. Two things are added for graphs that are no trees.
///
/// - **What does not cost memory is done at once.** A task is ripe if it can run, and afterwards no more is held than
///   before: it is final itself, or the last that some dependency waited for. So is a chain of tasks, each the only
///   dependent of the one before and waiting for nothing else, of which a later one is. Without the chain, the inputs
///   of a difference with a mean would all stay until each slice of the mean was asked for.
/// - **What is near goes next.** The next final task is one that needs a result held already, the latest first. Only if
///   there is none does the walk go on with the first in line, which is usually another, separate part of the graph.
///
/// Which task is the last of some is known without looking: beside the number of those left, their numbers' exclusive
/// or is kept, and that is the number of the last.
final class Walk {
    /// How many dependents of a held result are compared for the next goal, and how many steps are gone up from there.
    private static final int COMPARED = 8;

    private static final int CLIMBED = 100;

    /// How long a chain may be.
    private static final int CHAIN = 8;

    private static final int SORTED_BY_INSERTION = 24;

    private final TaskGraph graph;
    private final int[] starts;
    private final int[] dependencies;
    private final int[] dependentStarts;
    private final int[] dependents;

    /// Of each task its place, -1 before it has run.
    private final int[] priorities;

    /// Of each task the dependencies that have not run, their number and their exclusive or.
    private final int[] missing;

    private final int[] missingMix;

    /// Of each task the dependents that have not run, likewise. A result is held until there are none.
    private final int[] waiting;

    private final int[] waitingMix;

    /// Tasks on the way to the goal, the next at the end; some have run since.
    private int[] path = new int[64];

    private int pathSize;

    /// Tasks that are to run at once, the next at the end.
    private int[] ripe = new int[64];

    private int ripeSize;

    /// Tasks of which the result was held once, the latest at the end.
    private final int[] held;

    private int heldSize;

    /// Of each task, where in its dependents the first may be that has not run.
    private final int[] cursors;

    private int placed;
    private int holding;
    private int peak;

    Walk(TaskGraph graph) {
        this.graph = graph;
        starts = graph.starts;
        dependencies = graph.dependencies;
        dependentStarts = graph.dependentStarts;
        dependents = graph.dependents;
        int count = graph.count;
        priorities = new int[count];
        Arrays.fill(priorities, -1);
        missing = graph.missing.clone();
        missingMix = graph.missingMix.clone();
        waiting = graph.waiting.clone();
        waitingMix = graph.waitingMix.clone();
        cursors = dependentStarts.clone();
        held = new int[count];
    }

    /// Runs all tasks.
    ///
    /// @param finals those without dependents; where nothing else decides, in this order
    /// @param limit so many results held at once are too many
    /// @return false if there were, and the walk was given up
    boolean through(int[] finals, int limit) {
        int next = 0;
        while (true) {
            int goal = nearest();
            while (goal < 0) {
                if (next == finals.length) {
                    return peak < limit;
                }
                int candidate = finals[next++];
                goal = priorities[candidate] < 0 ? candidate : -1;
            }
            reach(goal);
            if (peak >= limit) {
                return false;
            }
        }
    }

    /// The priority of each task, once all have run.
    int[] priorities() {
        return priorities;
    }

    /// The most results that were held when a task started.
    int peak() {
        return peak;
    }

    /// A final task that needs the latest result held, or one on the way to it; -1 if nothing is held.
    private int nearest() {
        while (heldSize > 0 && waiting[held[heldSize - 1]] == 0) {
            heldSize--;
        }
        if (heldSize == 0) {
            return -1;
        }
        int result = held[heldSize - 1];
        while (priorities[dependents[cursors[result]]] >= 0) {
            cursors[result]++;
        }
        int goal = nearestDependent(result, cursors[result]);
        for (int step = 0; step < CLIMBED && waiting[goal] > 0; step++) {
            goal = nearestDependent(goal, dependentStarts[goal]);
        }
        return goal;
    }

    /// Of the first dependents, the one that misses the fewest dependencies, and of those the lightest.
    private int nearestDependent(int task, int from) {
        int nearest = -1;
        int end = Math.min(dependentStarts[task + 1], from + COMPARED);
        for (int edge = from; edge < end; edge++) {
            int dependent = dependents[edge];
            if (priorities[dependent] < 0
                    && (nearest < 0
                            || missing[dependent] < missing[nearest]
                            || missing[dependent] == missing[nearest]
                                    && graph.weights[dependent] < graph.weights[nearest])) {
                nearest = dependent;
            }
        }
        return nearest;
    }

    /// Runs a task, and before it what it needs.
    private void reach(int goal) {
        path[0] = goal;
        pathSize = 1;
        while (pathSize > 0) {
            int task = path[pathSize - 1];
            if (priorities[task] >= 0) {
                pathSize--;
            } else if (missing[task] == 0) {
                pathSize--;
                run(task);
            } else {
                pushMissing(task);
            }
        }
    }

    /// Puts the dependencies that have not run on the path, the heaviest last, so that it is run first.
    private void pushMissing(int task) {
        int from = pathSize;
        if (from + missing[task] > path.length) {
            path = Arrays.copyOf(path, Math.max(from + missing[task], 2 * path.length));
        }
        for (int edge = starts[task + 1] - 1; edge >= starts[task]; edge--) {
            if (priorities[dependencies[edge]] < 0) {
                path[pathSize++] = dependencies[edge];
            }
        }
        if (pathSize - from <= SORTED_BY_INSERTION) {
            for (int i = from + 1; i < pathSize; i++) {
                int moved = path[i];
                int place = i;
                while (place > from && isBefore(moved, path[place - 1])) {
                    path[place] = path[place - 1];
                    place--;
                }
                path[place] = moved;
            }
        } else {
            sort(from);
        }
    }

    private boolean isBefore(int one, int other) {
        int difference = graph.weights[one] - graph.weights[other];
        return difference < 0 || difference == 0 && one > other;
    }

    private void sort(int from) {
        boolean sorted = true;
        for (int i = from + 1; i < pathSize && sorted; i++) {
            sorted = !isBefore(path[i], path[i - 1]);
        }
        if (sorted) {
            return;
        }
        long[] keys = new long[pathSize - from];
        for (int i = 0; i < keys.length; i++) {
            int task = path[from + i];
            keys[i] = (long) graph.weights[task] << Integer.SIZE | Integer.MAX_VALUE - task;
        }
        Arrays.sort(keys);
        for (int i = 0; i < keys.length; i++) {
            path[from + i] = Integer.MAX_VALUE - (int) keys[i];
        }
    }

    /// Runs a task of which all dependencies have run, and then what is ripe.
    private void run(int first) {
        ripe[0] = first;
        ripeSize = 1;
        while (ripeSize > 0) {
            int task = ripe[--ripeSize];
            if (priorities[task] < 0) {
                place(task);
                offerChains(task);
                offerReady(task);
            }
        }
    }

    private void place(int task) {
        peak = Math.max(peak, holding);
        priorities[task] = placed++;
        if (waiting[task] > 0) {
            held[heldSize++] = task;
            holding++;
        }
        for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
            int dependency = dependencies[edge];
            waitingMix[dependency] ^= task;
            if (--waiting[dependency] == 0) {
                holding--;
            }
        }
        for (int edge = dependentStarts[task]; edge < dependentStarts[task + 1]; edge++) {
            int dependent = dependents[edge];
            missing[dependent]--;
            missingMix[dependent] ^= task;
        }
    }

    /// Looks for chains that a task's run has made ripe: before single tasks, which then run first.
    private void offerChains(int task) {
        int last = -1; // several dependencies often lead to the same
        for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
            int dependency = dependencies[edge];
            if (waiting[dependency] == 1) {
                int dependent = waitingMix[dependency];
                if (missing[dependent] == 1 && missingMix[dependent] != last) {
                    last = missingMix[dependent];
                    offerChain(last);
                }
            }
        }
        for (int edge = dependentStarts[task]; edge < dependentStarts[task + 1]; edge++) {
            int dependent = dependents[edge];
            if (missing[dependent] == 1 && missingMix[dependent] != last) {
                last = missingMix[dependent];
                offerChain(last);
            }
        }
    }

    private void offerReady(int task) {
        int last = -1;
        for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
            int dependency = dependencies[edge];
            if (waiting[dependency] == 1) {
                int dependent = waitingMix[dependency];
                if (missing[dependent] == 0 && dependent != last) {
                    last = dependent;
                    pushRipe(dependent); // it is the last that this dependency waits for
                }
            }
        }
        for (int edge = dependentStarts[task]; edge < dependentStarts[task + 1]; edge++) {
            int dependent = dependents[edge];
            if (missing[dependent] == 0) {
                if (isFreeing(dependent, -1)) {
                    pushRipe(dependent);
                } else {
                    offerChain(dependent);
                }
            }
        }
    }

    /// Takes a chain that starts with a task, if that can run and the chain costs no memory.
    private void offerChain(int first) {
        if (missing[first] > 0) {
            return;
        }
        int task = first;
        for (int length = 2; length <= CHAIN && waiting[task] == 1; length++) {
            int next = waitingMix[task];
            if (missing[next] > 1) {
                return;
            }
            if (isFreeing(next, task)) {
                pushChain(first, length);
                return;
            }
            task = next;
        }
    }

    /// The first of the chain becomes the last here, which is run first.
    private void pushChain(int first, int length) {
        for (int i = 0; i < length; i++) {
            pushRipe(first);
        }
        int task = first;
        for (int place = ripeSize - 1; place >= ripeSize - length; place--) {
            ripe[place] = task;
            task = waitingMix[task];
        }
    }

    /// If after a task's run there is no more in memory than before, one dependency that came into it just before left
    /// aside.
    private boolean isFreeing(int task, int aside) {
        if (waiting[task] == 0) {
            return true;
        }
        for (int edge = starts[task]; edge < starts[task + 1]; edge++) {
            int dependency = dependencies[edge];
            if (waiting[dependency] == 1 && dependency != aside) {
                return true;
            }
        }
        return false;
    }

    private void pushRipe(int task) {
        if (ripeSize == ripe.length) {
            ripe = Arrays.copyOf(ripe, 2 * ripeSize);
        }
        ripe[ripeSize++] = task;
    }
}
