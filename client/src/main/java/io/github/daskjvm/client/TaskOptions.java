package io.github.daskjvm.client;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What may be asked for tasks, by the names that Dask's `submit` has for it. Immutable; each method returns a
/// changed copy.
///
/// ```java
/// client.with(TaskOptions.DEFAULT.priority(10).resource("GPU", 1)).submit(() -> train());
/// ```
///
/// @param key the task's name, for a single task; null lets the client make one. Two tasks of one name are one.
/// @param priority larger runs earlier; 0 by default
/// @param retries times that a task may throw and be run again
/// @param workers addresses, names or hosts of workers that it may run on; empty for any
/// @param allowOtherWorkers `workers` is a preference only
/// @param resources amounts that it takes of each resource while it runs; workers declare what they have
/// @param pure the result depends on function and arguments alone, so that the same call is computed once and shared:
///     its key is made from them
public record TaskOptions(
        @Nullable String key,
        double priority,
        int retries,
        List<String> workers,
        boolean allowOtherWorkers,
        Map<String, Double> resources,
        boolean pure) {

    /// Nothing asked for.
    public static final TaskOptions DEFAULT = new TaskOptions(null, 0, 0, List.of(), false, Map.of(), false);

    public TaskOptions {
        if (retries < 0) {
            throw new IllegalArgumentException("retries cannot be negative: " + retries);
        }
        if (Double.isNaN(priority)) {
            throw new IllegalArgumentException("priority must be a number");
        }
        for (var entry : resources.entrySet()) {
            if (!(entry.getValue() >= 0)) {
                throw new IllegalArgumentException("resource " + entry + " must be an amount of 0 or more");
            }
        }
        workers = List.copyOf(workers);
        resources = Map.copyOf(resources);
    }

    /// The task's name, for a single task.
    public TaskOptions key(String name) {
        return new TaskOptions(name, priority, retries, workers, allowOtherWorkers, resources, pure);
    }

    /// Larger runs earlier.
    public TaskOptions priority(double value) {
        return new TaskOptions(key, value, retries, workers, allowOtherWorkers, resources, pure);
    }

    /// Times that a task may throw and be run again.
    public TaskOptions retries(int times) {
        return new TaskOptions(key, priority, times, workers, allowOtherWorkers, resources, pure);
    }

    /// Addresses, names or hosts of workers that it may run on.
    public TaskOptions workers(String... any) {
        return new TaskOptions(key, priority, retries, List.of(any), allowOtherWorkers, resources, pure);
    }

    /// Whether `workers` is a preference only.
    public TaskOptions allowOtherWorkers(boolean allow) {
        return new TaskOptions(key, priority, retries, workers, allow, resources, pure);
    }

    /// Takes this amount of a resource while it runs; adds to what was asked for so far.
    public TaskOptions resource(String name, double amount) {
        Map<String, Double> more = new TreeMap<>(resources);
        more.put(name, amount);
        return new TaskOptions(key, priority, retries, workers, allowOtherWorkers, more, pure);
    }

    /// The same call is computed once and shared.
    public TaskOptions pure(boolean isPure) {
        return new TaskOptions(key, priority, retries, workers, allowOtherWorkers, resources, isPure);
    }

    /// Whether the scheduler is to be told the same of both: all but `key` and `pure`, which end up in the key.
    boolean sameForScheduler(TaskOptions other) {
        return priority == other.priority
                && retries == other.retries
                && workers.equals(other.workers)
                && allowOtherWorkers == other.allowOtherWorkers
                && resources.equals(other.resources);
    }
}
