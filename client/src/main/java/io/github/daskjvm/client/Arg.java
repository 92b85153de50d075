package io.github.daskjvm.client;

import org.jspecify.annotations.Nullable;

/// An argument of a task: the result of another task, given as its [Future], or a value at hand, given as
/// [#value]. A task starts once all its arguments are computed, on a worker that has them or fetches them from
/// its peers; they don't come by the client.
///
/// ```java
/// Future<Integer> two = client.submit(() -> 2);
/// Future<Integer> five = client.submit((a, b) -> a + b, two, Arg.value(3));
/// ```
///
/// @param <T> what the task's function gets
public sealed interface Arg<T extends @Nullable Object> permits Future, Arg.Value, Graph.Ref {

    /// A value that travels with the task. Futures inside its lists, sets and maps stand for their results, at
    /// any depth. A value that many tasks share, or one beyond about a megabyte, is better placed once by
    /// [Client#scatter].
    ///
    /// @param value serializable
    static <T extends @Nullable Object> Arg<T> value(T value) {
        return new Value<>(value);
    }

    /// What [Arg#value] makes.
    record Value<T extends @Nullable Object>(T value) implements Arg<T> {}
}
