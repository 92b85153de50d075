package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// New tasks: what of a submitted graph is needed and not there yet becomes tasks. What depends on something
/// unknown is cancelled at its client, what depends on itself is rejected, and the rest of the graph goes on.
final class GraphUpdates {
    private final SchedulerState state;
    private final Outbox outbox;
    private double generation;
    private long lastGraphNanos = Long.MIN_VALUE;

    GraphUpdates(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void update(Event.UpdateGraph event) {
        ClientEntry client = state.clients.get(event.client());
        if (client == null) {
            return; // It went while its graph was being unpacked.
        }
        state.slices.settle(client);
        settle(event);
        Map<TaskKey, TaskSpec> specs = HashMap.newHashMap(event.tasks().size());
        for (TaskSpec spec : event.tasks()) {
            specs.put(spec.key(), spec);
        }
        Collection<TaskKey> wanted = event.wanted();
        Map<TaskKey, TaskSpec> needed = new LinkedHashMap<>();
        Set<TaskKey> lost = collect(wanted, specs, needed);
        Set<TaskKey> cyclic = hasCycle(needed) ? cyclic(needed) : Set.of();
        if (!lost.isEmpty() || !cyclic.isEmpty()) {
            wanted = withoutHopeless(client, wanted, needed, lost, cyclic);
            needed.clear();
            collect(wanted, specs, needed);
        }
        state.computations.begin(event.origin());
        List<TaskState> touched = create(needed.values());
        state.computations.end();
        prioritise(event, touched, needed);
        state.spans.begin(event.origin());
        var recommendations = new Recommendations();
        for (TaskKey key : wanted) {
            want(client, key, recommendations);
        }
        for (TaskState task : touched) {
            state.spans.observe(task);
            recommend(task, recommendations);
        }
        state.tracing.submitted(event, touched);
        state.transitions.run(recommendations, event.stimulusId());
    }

    /// Has the graph become tasks slice by slice; its place among other graphs is that of now.
    void begin(Event.LargeGraph event) {
        ClientEntry client = state.clients.get(event.graph().client());
        if (client != null) {
            state.slices.settle(client);
            state.slices.add(new GraphIntake(state, outbox, client, event, generation(event.graph())));
        }
    }

    /// Fills `needed` with the specs that the wanted keys need, as far as they are not known already.
    ///
    /// @return keys needed that are neither known nor in the graph
    private Set<TaskKey> collect(
            Collection<TaskKey> wanted, Map<TaskKey, TaskSpec> specs, Map<TaskKey, TaskSpec> needed) {
        Set<TaskKey> lost = new HashSet<>();
        Deque<TaskKey> open = new ArrayDeque<>(wanted);
        while (!open.isEmpty()) {
            TaskKey key = open.pop();
            if (needed.containsKey(key)) {
                continue;
            }
            TaskState known = state.tasks.get(key);
            if (known != null && hasAResult(known)) {
                continue;
            }
            TaskSpec spec = specs.get(key);
            if (spec == null) {
                if (known == null) {
                    lost.add(key);
                }
                continue;
            }
            needed.put(key, spec);
            for (TaskKey dependency : spec.dependencies()) {
                open.push(dependency);
            }
        }
        return lost;
    }

    /// Has what is only yet to be forgotten be so, as far as the graph names it.
    private void settle(Event.UpdateGraph event) {
        if (state.looseEnds.isEmpty()) {
            return;
        }
        for (TaskSpec spec : event.tasks()) {
            known(state, spec.key());
            for (TaskKey dependency : spec.dependencies()) {
                known(state, dependency);
            }
        }
        for (TaskKey key : event.wanted()) {
            known(state, key);
        }
    }

    /// The task of the key; null if there is none, or one that is only yet to be forgotten.
    static @Nullable TaskState known(SchedulerState state, TaskKey key) {
        TaskState known = state.tasks.get(key);
        return known == null || !state.looseEnds.settle(known) ? known : state.tasks.get(key);
    }

    /// Now or when it has run.
    static boolean hasAResult(TaskState task) {
        return task.runSpec != null || task.status == TaskStatus.MEMORY;
    }

    /// A cheap look: where every task comes after what it depends on, there is no cycle, and so it is with
    /// Dask's order. Only otherwise is it looked at closely.
    private static boolean hasCycle(Map<TaskKey, TaskSpec> needed) {
        for (TaskSpec spec : needed.values()) {
            for (TaskKey dependency : spec.dependencies()) {
                TaskSpec other = needed.get(dependency);
                if (other != null && other.order() >= spec.order()) {
                    return !cyclic(needed).isEmpty();
                }
            }
        }
        return false;
    }

    /// Keys that are on a cycle or depend on one: what is left when tasks without open inputs are taken away.
    private static Set<TaskKey> cyclic(Map<TaskKey, TaskSpec> needed) {
        Map<TaskKey, Integer> openInputs = new HashMap<>();
        Deque<TaskKey> free = new ArrayDeque<>();
        for (TaskSpec spec : needed.values()) {
            int inputs = 0;
            for (TaskKey dependency : new HashSet<>(spec.dependencies())) {
                if (needed.containsKey(dependency)) {
                    inputs++;
                }
            }
            openInputs.put(spec.key(), inputs);
            if (inputs == 0) {
                free.add(spec.key());
            }
        }
        Map<TaskKey, List<TaskKey>> dependents = dependents(needed);
        while (!free.isEmpty()) {
            TaskKey key = free.pop();
            openInputs.remove(key);
            for (TaskKey dependent : dependents.getOrDefault(key, List.of())) {
                if (openInputs.merge(dependent, -1, Integer::sum) == 0) {
                    free.add(dependent);
                }
            }
        }
        return openInputs.keySet();
    }

    private static Map<TaskKey, List<TaskKey>> dependents(Map<TaskKey, TaskSpec> needed) {
        Map<TaskKey, List<TaskKey>> dependents = new HashMap<>();
        for (TaskSpec spec : needed.values()) {
            for (TaskKey dependency : new HashSet<>(spec.dependencies())) {
                dependents.computeIfAbsent(dependency, k -> new ArrayList<>()).add(spec.key());
            }
        }
        return dependents;
    }

    /// Tells the client which of its keys cannot be, and returns the others.
    private Collection<TaskKey> withoutHopeless(
            ClientEntry client,
            Collection<TaskKey> wanted,
            Map<TaskKey, TaskSpec> needed,
            Set<TaskKey> lost,
            Set<TaskKey> cyclic) {
        Map<TaskKey, List<TaskKey>> dependents = dependents(needed);
        Set<TaskKey> hopeless = new HashSet<>(lost);
        Deque<TaskKey> open = new ArrayDeque<>(lost);
        while (!open.isEmpty()) {
            for (TaskKey dependent : dependents.getOrDefault(open.pop(), List.of())) {
                if (hopeless.add(dependent)) {
                    open.add(dependent);
                }
            }
        }
        List<TaskKey> good = new ArrayList<>();
        List<TaskKey> cancelled = new ArrayList<>();
        for (TaskKey key : wanted) {
            if (cyclic.contains(key)) {
                outbox.client(
                        client,
                        new Command.TaskRejected(
                                key, "the graph has a cycle: " + key + " depends, through others, on itself"));
            } else if (hopeless.contains(key)) {
                cancelled.add(key);
            } else {
                good.add(key);
            }
        }
        if (!cancelled.isEmpty()) {
            outbox.client(client, new Command.CancelledKeys(cancelled));
        }
        return good;
    }

    private List<TaskState> create(Collection<TaskSpec> specs) {
        List<TaskState> created = new ArrayList<>(specs.size());
        for (TaskSpec spec : specs) {
            created.add(create(spec));
        }
        int i = 0;
        for (TaskSpec spec : specs) {
            TaskState task = created.get(i++);
            for (TaskKey key : spec.dependencies()) {
                TaskState dependency = state.tasks.get(key);
                if (dependency == null) {
                    throw new IllegalStateException(key + ", on which " + task + " depends, is not there");
                }
                link(task, dependency);
            }
        }
        return created;
    }

    /// The task, new or known by name only, with all that is said of it, but for its inputs.
    TaskState create(TaskSpec spec) {
        TaskState task = state.tasks.get(spec.key());
        if (task == null) {
            task = state.newTask(spec.key(), spec.runtime());
        }
        task.specify(spec);
        return task;
    }

    static void link(TaskState task, TaskState dependency) {
        task.dependencies = task.dependencies.with(dependency);
        dependency.dependents = dependency.dependents.with(task);
        task.group.dependencies.add(dependency.group);
    }

    private void prioritise(Event.UpdateGraph event, List<TaskState> tasks, Map<TaskKey, TaskSpec> specs) {
        double graphGeneration = generation(event);
        Priority last = null;
        int i = 0;
        for (TaskSpec spec : specs.values()) {
            last = prioritise(tasks.get(i++), spec, graphGeneration, last);
        }
    }

    /// @param last of the task before, which may have the same; null for none
    /// @return of this one
    static Priority prioritise(TaskState task, TaskSpec spec, double graphGeneration, @Nullable Priority last) {
        return task.prioritise(last, 0.0 - spec.options().priority(), graphGeneration, spec.order());
    }

    /// Earlier graphs come first; what a task submits comes before everything, as in Dask.
    private double generation(Event.UpdateGraph event) {
        if (event.submittingTask() != null) {
            TaskState submitter = state.tasks.get(event.submittingTask());
            return submitter == null ? generation : submitter.priority().user() - 0.01;
        }
        if (lastGraphNanos == Long.MIN_VALUE || state.nowNanos - lastGraphNanos >= event.fifoTimeoutNanos()) {
            generation++;
            lastGraphNanos = state.nowNanos;
        }
        return generation;
    }

    private void want(ClientEntry client, TaskKey key, Recommendations recommendations) {
        @Nullable TaskState task = state.tasks.get(key);
        if (task == null) {
            throw new IllegalStateException(key + ", which is wanted, is not there");
        }
        want(client, task);
        recommend(task, recommendations);
    }

    /// Tells the client if there is something to tell.
    void want(ClientEntry client, TaskState task) {
        if (task.runSpec != null) {
            state.spans.observe(task);
        }
        task.whoWants = task.whoWants.with(client);
        client.wants.add(task);
        ClientEvents.report(task, client, outbox);
    }

    static void recommend(TaskState task, Recommendations recommendations) {
        if (task.status != TaskStatus.RELEASED || task.runSpec == null) {
            return;
        }
        recommendations.add(task, TaskStatus.WAITING);
    }
}
