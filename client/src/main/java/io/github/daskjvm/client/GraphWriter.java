package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.ArgumentTree;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks a graph, puts the tasks that are needed in order, and submits them. For one submission.
final class GraphWriter {
    private final Client client;
    private final CallWriter calls;
    private final Map<String, List<String>> needs = new HashMap<>();

    GraphWriter(Client client, CallWriter calls) {
        this.client = client;
        this.calls = calls;
    }

    /// The futures of what is wanted, by name.
    Map<String, Future<?>> submit(Graph graph, List<String> wanted, TaskOptions options) {
        if (options.key() != null) {
            throw new IllegalArgumentException("the key " + options.key() + " is for one task, not for a graph");
        }
        List<Graph.Task> ordered = ordered(graph, wanted);
        Set<String> asked = new HashSet<>(wanted);
        String token = TaskNames.uniqueToken();
        Map<String, KeyState> states = new HashMap<>();
        Map<String, Future<?>> futures = new LinkedHashMap<>();
        Set<KeyState> intermediate = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Submission> submissions = new ArrayList<>(ordered.size());
        boolean sent = false;
        try {
            for (Graph.Task task : ordered) {
                TaskOptions own = task.options() == null ? options : task.options();
                byte[] function = CallWriter.functionBytes(task.function(), task.name());
                CallWriter.Call call = calls.call(function, task.arguments(), task.name(), states);
                String key = own.key() != null ? own.key() : task.name() + "-" + token;
                KeyState state;
                if (asked.contains(task.name())) {
                    state = client.keys().acquire(key);
                    futures.put(task.name(), new Future<>(client, state));
                } else {
                    state = new KeyState(key);
                    intermediate.add(state);
                }
                state.submitted = true;
                states.put(task.name(), state);
                submissions.add(new Submission(state, call.payload(), call.dependencies(), own));
            }
            client.keys().submitTogether(submissions, intermediate);
            sent = true;
        } finally {
            if (!sent) {
                futures.values().forEach(Future::close);
            }
        }
        Reference.reachabilityFence(graph);
        Map<String, Future<?>> inOrder = new LinkedHashMap<>();
        for (String name : wanted) {
            Future<?> future = futures.get(name);
            if (future != null) {
                inOrder.put(name, future);
            }
        }
        return inOrder;
    }

    /// What the wanted tasks need and they themselves, each after what it needs: one branch is finished before
    /// the next is begun, which leaves the fewest results to be held.
    private List<Graph.Task> ordered(Graph graph, List<String> wanted) {
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException("no task of the graph is asked for");
        }
        List<Graph.Task> ordered = new ArrayList<>();
        Set<String> done = new HashSet<>();
        Set<String> path = new LinkedHashSet<>();
        Deque<Iterator<String>> branches = new ArrayDeque<>();
        branches.push(wanted.iterator());
        String within = null;
        Deque<String> names = new ArrayDeque<>();
        while (!branches.isEmpty()) {
            Iterator<String> branch = branches.element();
            if (branch.hasNext()) {
                String name = branch.next();
                if (path.contains(name)) {
                    throw new IllegalArgumentException("tasks of the graph need one another: " + cycle(path, name));
                }
                if (!done.contains(name)) {
                    branches.push(needs(graph, name, within).iterator());
                    path.add(name);
                    names.push(name);
                    within = name;
                }
                continue;
            }
            branches.pop();
            if (!names.isEmpty()) {
                String name = names.pop();
                path.remove(name);
                done.add(name);
                within = names.peek();
                Graph.Task task = graph.tasks().get(name);
                if (task != null) {
                    ordered.add(task);
                }
            }
        }
        return ordered;
    }

    private static String cycle(Set<String> path, String again) {
        List<String> names = new ArrayList<>(path);
        names = new ArrayList<>(names.subList(names.indexOf(again), names.size()));
        names.add(again);
        return String.join(" needs ", names);
    }

    private List<String> needs(Graph graph, String name, @Nullable String dependent) {
        Graph.Task task = graph.tasks().get(name);
        if (task == null) {
            throw new IllegalArgumentException(
                    dependent == null
                            ? "the graph has no task " + name
                            : "task " + dependent + " of the graph needs " + name + ", which is not in it");
        }
        return needs.computeIfAbsent(name, n -> {
            Set<String> found = new LinkedHashSet<>();
            collect(task.arguments(), found);
            return List.copyOf(found);
        });
    }

    private static void collect(@Nullable Object tree, Set<String> found) {
        var unused = ArgumentTree.map(tree, leaf -> {
            switch (leaf) {
                case Graph.Ref<?>(String name) -> found.add(name);
                case Arg.Value<?>(var value) -> collect(value, found);
                case null, default -> {
                    // A value, or a future.
                }
            }
            return leaf;
        });
    }
}
