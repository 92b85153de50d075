package io.github.daskjvm.worker.actor;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.io.NotSerializableException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The actors of a worker, and the op by which they are called. Each runs its calls one after the other on a platform
/// thread, which it has while there are any. Any thread may call.
public final class Actors implements AutoCloseable {
    private final String worker;
    private final Function<TaskKey, TaskContext> contexts;
    private final ExecutorService threads;
    private final Map<TaskKey, ActorHost> actors = new ConcurrentHashMap<>();

    /// @param worker its address
    /// @param contexts what a call is told of the worker
    public Actors(String worker, Function<TaskKey, TaskContext> contexts) {
        this.worker = worker;
        this.contexts = contexts;
        this.threads = Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("actor-" + worker + "-", 1).factory());
    }

    /// Keeps a new actor.
    ///
    /// @return for the result of the task that made it
    /// @throws IllegalArgumentException if the object does not implement the interface
    public ActorReference add(TaskKey key, NewActor made) {
        if (!made.type().isInstance(made.object())) {
            throw new IllegalArgumentException(
                    "the actor " + key + " is no " + made.type().getName());
        }
        actors.put(key, new ActorHost(made.type(), made.object(), threads));
        return new ActorReference(key.value(), made.type().getName(), worker);
    }

    /// Lets go of an actor, if the key is one's.
    public void remove(TaskKey key) {
        if (actors.isEmpty()) {
            return;
        }
        ActorHost host = actors.remove(key);
        if (host != null) {
            host.end();
        }
    }

    /// The op `actor_execute`: `actor` is the key, `function` the method's name, `types` the names of the
    /// parameters' classes, `args` the arguments, each serialized. Where there is a number `call`, the answer
    /// repeats it and comes when it is ready, in whatever order; the next request is read at once. Otherwise it
    /// comes before that, as in Dask. The answer is `{status: OK, result}`, `{status: error, exception,
    /// exception_text, traceback_text}`, or `{status: missing}` where there is no such actor.
    public Object execute(Fields request, Connection connection)
            throws BadMessageException, InterruptedException, ExecutionException {
        Object wire = request.required("actor");
        TaskKey key;
        try {
            key = TaskKey.of(wire instanceof MsgpackReader.Bytes(byte[] bytes) ? bytes : wire);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("op actor_execute: " + e.getMessage(), e);
        }
        String function = request.string("function");
        Collection<?> types = request.get("types") == null ? null : request.list("types");
        List<?> arguments = List.copyOf(request.listOrEmpty("args"));
        Object number = request.get("call");
        var answer = new CompletableFuture<Map<String, @Nullable Object>>();
        ActorHost host = actors.get(key);
        if (host == null) {
            answer.complete(missing(key));
        } else {
            host.enqueue(new ActorHost.Turn() {
                @Override
                public void take() {
                    run(host, key, function, types, arguments, answer);
                }

                @Override
                public void missed() {
                    answer.complete(missing(key));
                }
            });
        }
        if (number == null) {
            return answer.get();
        }
        var unused = answer.thenAccept(map -> {
            map.put("call", number);
            try {
                connection.write(map);
            } catch (IOException e) {
                // Whoever asked is gone.
                connection.close();
            }
        });
        return RpcHandler.ANSWERED;
    }

    private void run(
            ActorHost host,
            TaskKey key,
            String function,
            @Nullable Collection<?> types,
            List<?> serialized,
            CompletableFuture<Map<String, @Nullable Object>> answer) {
        TaskContext context = contexts.apply(key);
        TaskContext.enter(context);
        try {
            Thread.currentThread().setContextClassLoader(context.services().loader());
            Method method = host.method(function, types, serialized.size());
            var arguments = new ArrayList<@Nullable Object>(serialized.size());
            for (Object argument : serialized) {
                arguments.add(
                        argument instanceof Payload payload
                                ? JavaCodec.value(payload, context.services().loader())
                                : argument);
            }
            Object result = host.invoke(method, arguments.toArray());
            if (ActorStub.returnsLater(method) && result instanceof CompletionStage<?> later) {
                var unused = later.whenComplete((value, failure) ->
                        answer.complete(failure == null ? returned(method, value) : failed(unwrapped(failure))));
            } else {
                answer.complete(returned(
                        method, ActorStub.returnsLater(method) && result instanceof Future<?> f ? f.get() : result));
            }
        } catch (Throwable e) {
            answer.complete(failed(e));
        } finally {
            TaskContext.enter(null);
            // One that was meant for a call before.
            Thread.interrupted();
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private Map<String, @Nullable Object> returned(Method method, @Nullable Object value) {
        try {
            Map<String, @Nullable Object> reply = new LinkedHashMap<>();
            reply.put("status", "OK");
            reply.put("result", JavaCodec.payload(value));
            return reply;
        } catch (NotSerializableException e) {
            return failed(new IOException("what " + method.getName() + " returned holds a " + e.getMessage()
                    + ", which is not Serializable"));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return failed(e);
        }
    }

    private Map<String, @Nullable Object> failed(Throwable failure) {
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("status", "error");
        byte[] pickle = TaskFailure.pickle(failure, worker);
        reply.put("exception", Payload.serialized(Map.of("serializer", "pickle"), List.of(pickle)));
        reply.put("exception_text", TaskFailure.text(failure));
        reply.put("traceback_text", TaskFailure.trace(failure));
        return reply;
    }

    private Map<String, @Nullable Object> missing(TaskKey key) {
        Map<String, @Nullable Object> reply =
                failed(new IllegalStateException("there is no actor " + key + " on " + worker));
        reply.put("status", "missing");
        return reply;
    }

    @Override
    public void close() {
        try {
            List.copyOf(actors.keySet()).forEach(this::remove);
        } catch (RejectedExecutionException e) {
            // It was closed before.
        }
        threads.shutdown();
    }
}
