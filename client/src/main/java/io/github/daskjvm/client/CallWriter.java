package io.github.daskjvm.client;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.actor.ActorProxy;
import io.github.daskjvm.worker.task.ArgumentTree;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.TaskCall;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes submissions of functions and arguments: futures become references to their keys. Any thread may call.
final class CallWriter {
    private final Client client;

    CallWriter(Client client) {
        this.client = client;
    }

    /// @return one for each list of arguments, whose states count as acquired for a future each
    List<Submission> submissions(Serializable function, List<? extends List<?>> argumentLists, TaskOptions options) {
        if (options.key() != null && argumentLists.size() != 1) {
            throw new IllegalArgumentException(
                    "the key " + options.key() + " is for one task, not for " + argumentLists.size());
        }
        String name = TaskNames.of(function);
        String token = TaskNames.uniqueToken();
        byte[] functionBytes = functionBytes(function, name);
        var calls = new ArrayList<Call>(argumentLists.size());
        for (List<?> arguments : argumentLists) {
            calls.add(call(functionBytes, arguments, name, Map.of()));
        }
        var tasks = new ArrayList<Submission>(calls.size());
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            String key = options.key();
            if (key == null) {
                key = options.pure()
                        ? name + "-" + TaskNames.tokenOf(call.payload.frames())
                        : name + "-" + token + (calls.size() == 1 ? "" : "-" + i);
            }
            tasks.add(new Submission(client.keys().acquire(key), call.payload, call.dependencies, options));
        }
        return tasks;
    }

    record Call(Payload payload, List<KeyState> dependencies) {}

    /// @param graph the states of a graph's tasks by name; empty for a task outside of one
    Call call(byte[] functionBytes, List<?> arguments, String name, Map<String, KeyState> graph) {
        Set<KeyState> dependencies = new LinkedHashSet<>();
        try {
            Object resolved = ArgumentTree.map(arguments, leaf -> resolve(leaf, dependencies, graph));
            return new Call(
                    TaskCall.payload(functionBytes, resolved instanceof List<?> list ? list : List.of()),
                    List.copyOf(dependencies));
        } catch (IOException e) {
            throw new IllegalArgumentException("an argument of " + name + " " + problem(e), e);
        }
    }

    /// A task of Python's.
    ///
    /// @return its state counts as acquired for a future
    Submission ofPython(PythonFunction<?> function, List<?> arguments, TaskOptions options) {
        Set<KeyState> dependencies = new LinkedHashSet<>();
        List<@Nullable Object> resolved = new ArrayList<>();
        arguments.forEach(each -> resolved.add(ArgumentTree.map(each, leaf -> resolve(leaf, dependencies, Map.of()))));
        var keywords = new LinkedHashMap<String, @Nullable Object>();
        function.keywords()
                .forEach((name, value) ->
                        keywords.put(name, ArgumentTree.map(value, leaf -> resolve(leaf, dependencies, Map.of()))));
        String name = function.function().substring(function.function().lastIndexOf('.') + 1);
        try {
            String key = options.key();
            if (key == null) {
                key = name + "-"
                        + (options.pure()
                                ? TaskNames.tokenOf(List.of(
                                        function.call("", resolved, keywords).header()))
                                : TaskNames.uniqueToken());
            }
            Payload call = function.call(key, resolved, keywords);
            return new Submission(client.keys().acquire(key), call, List.copyOf(dependencies), options);
        } catch (IOException e) {
            throw new IllegalArgumentException("an argument of " + name + " cannot be sent: " + e.getMessage(), e);
        }
    }

    private @Nullable Object resolve(@Nullable Object leaf, Set<KeyState> dependencies, Map<String, KeyState> graph) {
        return switch (leaf) {
            case Arg.Value<?>(var value) -> ArgumentTree.map(value, inner -> resolve(inner, dependencies, graph));
            case Future<?> future -> {
                KeyState state = client.own(future).keyState();
                dependencies.add(state);
                yield new KeyReference(TaskKey.of(state.key));
            }
            case Graph.Ref<?>(String task) -> {
                KeyState state = graph.get(task);
                if (state == null) {
                    throw new IllegalArgumentException(
                            "the reference to " + task + " has no meaning outside of its graph");
                }
                dependencies.add(state);
                yield new KeyReference(TaskKey.of(state.key));
            }
            case ActorProxy proxy
            when proxy.actorStub().held() instanceof Future<?> future && future.client() == client ->
                resolve(future, dependencies, graph);
            case null, default -> leaf;
        };
    }

    static byte[] functionBytes(Serializable function, String name) {
        try {
            return TaskCall.functionBytes(function);
        } catch (IOException e) {
            throw new IllegalArgumentException("the function " + name + " " + problem(e), e);
        }
    }

    private static String problem(IOException e) {
        if (e instanceof NotSerializableException) {
            String what = String.valueOf(e.getMessage());
            return what.equals(Future.class.getName())
                    ? "captures a Future; give it as an argument, and the function gets its result"
                    : "cannot be sent to a worker: it holds a " + what + ", which is not Serializable";
        }
        return "cannot be sent to a worker: " + e.getMessage();
    }

    /// A task that returns a value.
    Submission constant(KeyState state, @Nullable Object value) {
        SerializableFunction<@Nullable Object, @Nullable Object> identity = argument -> argument;
        Call call = call(functionBytes(identity, "value"), Collections.singletonList(value), "value", Map.of());
        return new Submission(state, call.payload, call.dependencies, TaskOptions.DEFAULT);
    }
}
