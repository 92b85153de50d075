package io.github.daskjvm.worker.profile;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was seen of tasks' stacks, by time and by the prefix of their keys. The oldest goes when there is too much. Any
/// thread may call.
public final class ProfileHistory {
    /// Dask's `distributed.admin.low-level-log-length`.
    private static final int CYCLES_MAX = 1000;
    /// Methods in all trees, of about 150 bytes each.
    private static final int METHODS_MAX = 100_000;
    /// Prefixes of a cycle; the others share one.
    private static final int PREFIXES_MAX = 100;

    private static final String OTHERS = "(other)";

    private final Deque<Cycle> history = new ArrayDeque<>();
    private Map<String, CallTree> recent = new HashMap<>();
    private int recentMethods;
    private int methods;

    /// @param endSeconds since the epoch
    private record Cycle(double endSeconds, Map<String, CallTree> trees, int methods) {}

    synchronized void add(String prefix, StackTraceElement[] stack) {
        String name = recent.containsKey(prefix) || recent.size() < PREFIXES_MAX ? prefix : OTHERS;
        if (recentMethods < METHODS_MAX) {
            recentMethods += recent.computeIfAbsent(name, n -> new CallTree()).add(stack);
        }
    }

    /// What was seen since this was called last becomes history.
    synchronized void endCycle(double nowSeconds) {
        history.addLast(new Cycle(nowSeconds, recent, recentMethods));
        methods += recentMethods;
        recent = new HashMap<>();
        recentMethods = 0;
        while (history.size() > CYCLES_MAX || methods > METHODS_MAX) {
            methods -= history.removeFirst().methods;
        }
    }

    /// The op `profile`: all that was seen from `start` to `stop`, as far as cycles tell it apart.
    ///
    /// @param start seconds since the epoch; null from the beginning
    /// @param stop null until now
    /// @param prefix of the keys of the tasks meant; null for all
    public synchronized Map<String, Object> profile(
            @Nullable Double start, @Nullable Double stop, @Nullable String prefix) {
        var sum = new CallTree();
        boolean untilNow = true;
        for (Cycle cycle : history) {
            if (start != null && cycle.endSeconds < start) {
                continue;
            }
            add(sum, cycle.trees, prefix);
            if (stop != null && cycle.endSeconds > stop) {
                untilNow = false;
                break;
            }
        }
        if (untilNow) {
            add(sum, recent, prefix);
        }
        return sum.toMap();
    }

    private static void add(CallTree sum, Map<String, CallTree> trees, @Nullable String prefix) {
        if (prefix == null) {
            trees.values().forEach(sum::add);
        } else if (trees.get(prefix) instanceof CallTree tree) {
            sum.add(tree);
        }
    }

    /// The op `profile_metadata`: how many looks there were, `counts` as `[time, n]`, and `keys` as
    /// `[time, {prefix: n}]`, both by cycle.
    ///
    /// @param stop null for all, and what belongs to no cycle yet
    public synchronized Map<String, Object> metadata(double start, @Nullable Double stop, double nowSeconds) {
        List<Object> counts = new ArrayList<>();
        List<Object> keys = new ArrayList<>();
        for (Cycle cycle : history) {
            if (start < cycle.endSeconds && cycle.endSeconds < (stop == null ? nowSeconds : stop)) {
                counts.add(List.of(cycle.endSeconds, sum(cycle.trees)));
                keys.add(List.of(cycle.endSeconds, counts(cycle.trees)));
            }
        }
        if (stop == null) {
            counts.add(List.of(nowSeconds, sum(recent)));
            keys.add(List.of(nowSeconds, counts(recent)));
        }
        return Map.of("counts", counts, "keys", keys);
    }

    private static long sum(Map<String, CallTree> trees) {
        return trees.values().stream().mapToLong(CallTree::count).sum();
    }

    private static Map<String, Object> counts(Map<String, CallTree> trees) {
        Map<String, Object> counts = new LinkedHashMap<>();
        trees.forEach((prefix, tree) -> counts.put(prefix, tree.count()));
        return counts;
    }
}
