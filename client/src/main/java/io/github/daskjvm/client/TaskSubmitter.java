package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SerializableBiFunction;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.SerializableFunction3;
import io.github.daskjvm.worker.task.SerializableFunction4;
import io.github.daskjvm.worker.task.SerializableVarFunction;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes tasks: a [Client], or what [Client#with] makes of one. None of the methods waits for a result.
///
/// A task's function is serialized with what it captures, and its class must be on the class path of the
/// workers. An argument is a [Future], or a value as [Arg#value]; a value that a lambda captures does as well.
///
/// All methods throw `IllegalArgumentException` if the function or an argument isn't serializable, naming the
/// class, or if a future is of another client or closed; and `IllegalStateException` without a connection to the
/// scheduler.
public abstract sealed class TaskSubmitter permits ClusterServices, TaskSubmitter.WithOptions {
    TaskSubmitter() {}

    /// All tasks at once, of one function.
    abstract <R extends @Nullable Object> List<Future<R>> submitAll(
            Serializable function, List<? extends List<?>> argumentLists, TaskOptions options);

    abstract Map<String, Future<?>> submitGraph(Graph graph, List<String> wanted, TaskOptions options);

    abstract TaskOptions options();

    /// All tasks of a graph, in one message.
    ///
    /// @return a future of each, by the name that it has in the graph
    /// @throws IllegalArgumentException if a task needs one that is not there, or tasks need one another, naming
    ///     them
    public Map<String, Future<?>> submit(Graph graph) {
        return submitGraph(graph, graph.names(), options());
    }

    /// The tasks of a graph that these need, in one message; results that are not asked for are let go of once
    /// they are used.
    ///
    /// @param names of tasks in the graph, at least one
    /// @return a future of each that is asked for, by name
    /// @throws IllegalArgumentException as [#submit(Graph)]
    public Map<String, Future<?>> submit(Graph graph, Collection<String> names) {
        return submitGraph(graph, List.copyOf(names), options());
    }

    /// The tasks of a graph that one result needs, in one message.
    ///
    /// @throws IllegalArgumentException as [#submit(Graph)]
    @SuppressWarnings({"unchecked", "NullAway"})
    public <R extends @Nullable Object> Future<R> compute(Graph graph, Graph.Ref<R> result) {
        return (Future<R>) submitGraph(graph, List.of(result.name()), options()).get(result.name());
    }

    private <R extends @Nullable Object> Future<R> submitOne(Serializable function, @Nullable Object... arguments) {
        return this.<R>submitAll(function, List.of(Arrays.asList(arguments)), options())
                .getFirst();
    }

    /// A task without arguments: `client.submit(() -> 6 * 7)`.
    public <R extends @Nullable Object> Future<R> submit(SerializableCallable<R> function) {
        return submitOne(function);
    }

    /// A task of one argument: `client.submit(text -> text.length(), future)`.
    public <A extends @Nullable Object, R extends @Nullable Object> Future<R> submit(
            SerializableFunction<A, R> function, Arg<? extends A> argument) {
        return submitOne(function, argument);
    }

    /// A task of two arguments: `client.submit(Integer::sum, one, other)`.
    public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> Future<R> submit(
            SerializableBiFunction<A, B, R> function, Arg<? extends A> first, Arg<? extends B> second) {
        return submitOne(function, first, second);
    }

    /// A task of three arguments.
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Future<R> submit(
                    SerializableFunction3<A, B, C, R> function,
                    Arg<? extends A> first,
                    Arg<? extends B> second,
                    Arg<? extends C> third) {
        return submitOne(function, first, second, third);
    }

    /// A task of four arguments.
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Future<R> submit(
                    SerializableFunction4<A, B, C, D, R> function,
                    Arg<? extends A> first,
                    Arg<? extends B> second,
                    Arg<? extends C> third,
                    Arg<? extends D> fourth) {
        return submitOne(function, first, second, third, fourth);
    }

    /// A task of one argument that is the list of all these, in order: for reductions.
    public <A extends @Nullable Object, R extends @Nullable Object> Future<R> submit(
            SerializableFunction<List<A>, R> function, List<? extends Arg<? extends A>> arguments) {
        return submitOne(function, arguments);
    }

    /// A task of any number of arguments of any types: values, and futures, also inside lists, sets and maps at
    /// any depth.
    public <R extends @Nullable Object> Future<R> apply(
            SerializableVarFunction<R> function, @Nullable Object... arguments) {
        return submitOne(function, arguments);
    }

    /// A task for each value, all in one message to the scheduler: `client.map(word -> word.length(), words)`.
    public <A extends @Nullable Object, R extends @Nullable Object> List<Future<R>> map(
            SerializableFunction<A, R> function, Iterable<? extends A> values) {
        return mapAll(function, values);
    }

    /// A task for each argument, as [#map] for values.
    public <A extends @Nullable Object, R extends @Nullable Object> List<Future<R>> mapFutures(
            SerializableFunction<A, R> function, Iterable<? extends Arg<? extends A>> arguments) {
        return mapAll(function, arguments);
    }

    private <R extends @Nullable Object> List<Future<R>> mapAll(Serializable function, Iterable<?> arguments) {
        var lists = new ArrayList<List<?>>();
        for (Object argument : arguments) {
            lists.add(Collections.singletonList(argument));
        }
        return submitAll(function, lists, options());
    }

    /// A client with options for the tasks submitted through it.
    static final class WithOptions extends TaskSubmitter {
        private final Client client;
        private final TaskOptions options;

        WithOptions(Client client, TaskOptions options) {
            this.client = client;
            this.options = options;
        }

        @Override
        <R extends @Nullable Object> List<Future<R>> submitAll(
                Serializable function, List<? extends List<?>> argumentLists, TaskOptions asked) {
            return client.submitAll(function, argumentLists, asked);
        }

        @Override
        Map<String, Future<?>> submitGraph(Graph graph, List<String> wanted, TaskOptions asked) {
            return client.submitGraph(graph, wanted, asked);
        }

        @Override
        TaskOptions options() {
            return options;
        }
    }
}
