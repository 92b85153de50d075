package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SerializableBiFunction;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.SerializableVarFunction;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tasks that need one another, put together by name and submitted in one message by
/// [TaskSubmitter#submit(Graph)] or [TaskSubmitter#compute].
///
/// ```java
/// var graph = new Graph();
/// Graph.Ref<Integer> two = graph.add("two", () -> 2);
/// Graph.Ref<Integer> sum = graph.add("sum", Integer::sum, two, Graph.ref("later"));
/// graph.add("later", x -> 10 * x, two);
/// System.out.println(client.compute(graph, sum).get()); // 22
/// ```
///
/// Names are the graph's own: in the cluster each task gets a key that begins with its name and is new with each
/// submission, unless its options give one. Tasks run in an order that finishes one branch before it begins the
/// next. Not thread-safe; may be submitted any number of times.
public final class Graph {
    /// Stands for the result of a task of a graph, as an argument of another; it may be added later.
    ///
    /// @param name of the task in the graph
    public record Ref<T extends @Nullable Object>(String name) implements Arg<T> {}

    /// @param options null for those of the submission
    record Task(
            String name,
            Serializable function,
            List<?> arguments,
            @Nullable TaskOptions options) {}

    private final Map<String, Task> tasks = new LinkedHashMap<>();

    /// A reference to a task, added or not yet.
    public static <T extends @Nullable Object> Ref<T> ref(String name) {
        return new Ref<>(name);
    }

    Map<String, Task> tasks() {
        return tasks;
    }

    /// The names of the tasks, in the order in which they were added.
    public List<String> names() {
        return List.copyOf(tasks.keySet());
    }

    private <R extends @Nullable Object> Ref<R> put(String name, Serializable function, @Nullable Object... arguments) {
        if (tasks.putIfAbsent(name, new Task(name, function, Arrays.asList(arguments), null)) != null) {
            throw new IllegalArgumentException("the graph has a task " + name + " already");
        }
        return new Ref<>(name);
    }

    /// Options for a task that was added; without, it has those of the submission.
    ///
    /// @throws IllegalArgumentException if there is no such task
    public Graph options(String name, TaskOptions options) {
        Task task = tasks.get(name);
        if (task == null) {
            throw new IllegalArgumentException("the graph has no task " + name);
        }
        tasks.put(name, new Task(name, task.function, task.arguments, options));
        return this;
    }

    /// A task without arguments.
    ///
    /// @throws IllegalArgumentException if the name is taken, as for all of these
    public <R extends @Nullable Object> Ref<R> add(String name, SerializableCallable<R> function) {
        return put(name, function);
    }

    /// A task of one argument.
    public <A extends @Nullable Object, R extends @Nullable Object> Ref<R> add(
            String name, SerializableFunction<A, R> function, Arg<? extends A> argument) {
        return put(name, function, argument);
    }

    /// A task of two arguments.
    public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> Ref<R> add(
            String name, SerializableBiFunction<A, B, R> function, Arg<? extends A> first, Arg<? extends B> second) {
        return put(name, function, first, second);
    }

    /// A task of one argument that is the list of all these, in order.
    public <A extends @Nullable Object, R extends @Nullable Object> Ref<R> add(
            String name, SerializableFunction<List<A>, R> function, List<? extends Arg<? extends A>> arguments) {
        return put(name, function, arguments);
    }

    /// A task of any number of arguments of any types: values, references and futures, also inside lists, sets
    /// and maps at any depth.
    public <R extends @Nullable Object> Ref<R> apply(
            String name, SerializableVarFunction<R> function, @Nullable Object... arguments) {
        return put(name, function, arguments);
    }
}
