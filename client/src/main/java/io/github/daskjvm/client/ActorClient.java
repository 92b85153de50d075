package io.github.daskjvm.client;

import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.worker.actor.ActorCalls;
import io.github.daskjvm.worker.actor.ActorException;
import io.github.daskjvm.worker.actor.ActorLostException;
import io.github.daskjvm.worker.actor.ActorProxy;
import io.github.daskjvm.worker.actor.ActorReference;
import io.github.daskjvm.worker.actor.ActorStub;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;

/// Makes a client's actors, and proxies of them. Any thread may call.
final class ActorClient implements AutoCloseable {
    private final Client client;
    private final ActorCalls calls;

    ActorClient(Client client, RpcPool pool) {
        this.client = client;
        this.calls = new ActorCalls(pool, client.loader());
    }

    <T> T make(Class<T> type, Serializable constructor, List<?> arguments, TaskOptions options) {
        TaskOptions named = options.key() != null
                ? options
                : options.key(type.getSimpleName().replace('-', '_') + "-" + TaskNames.uniqueToken());
        checkInterface(type);
        return proxy(type, client.submitActor(new ActorMaker(type.getName(), constructor), arguments, named));
    }

    private static void checkInterface(Class<?> type) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(
                    "an actor is called by an interface, and " + type.getName() + " is none");
        }
    }

    <T> T proxy(Class<T> type, Future<?> future) {
        checkInterface(type);
        client.own(future);
        var stub = new ActorStub(type, calls, () -> locate(future), future);
        return type.cast(ActorReference.proxy(type, stub));
    }

    private ActorReference locate(Future<?> future) throws InterruptedException {
        String key = future.key();
        try {
            return switch (future.get()) {
                case ActorReference reference -> reference;
                // What reads it in a task makes a proxy of it.
                case ActorProxy proxy -> proxy.actorReference();
                case null -> throw noActor(key, "null");
                case Object other -> throw noActor(key, "a " + other.getClass().getName());
            };
        } catch (TaskFailedException e) {
            Throwable cause = e.getCause();
            if (String.valueOf(cause).contains("Worker holding Actor was lost")) {
                throw new ActorLostException(
                        key, e.worker().orElse(""), "the actor " + key + " is lost, with its worker", e);
            }
            throw new ActorException(key, "the actor " + key + " could not be made: " + cause, cause);
        } catch (ExecutionException | CancellationException e) {
            throw new ActorException(key, "the actor " + key + " is not to be had: " + e.getMessage(), e);
        }
    }

    private static ActorException noActor(String key, String what) {
        return new ActorException(key, "the result of " + key + " is " + what + ", and no actor", null);
    }

    @Override
    public void close() {
        calls.close();
    }
}
