package io.github.daskjvm.client;

import io.github.daskjvm.worker.actor.ActorProxy;

/// What can be done with an actor besides calling its methods: `ActorHandle.of(counter)`.
public final class ActorHandle implements AutoCloseable {
    private final ActorProxy proxy;

    private ActorHandle(ActorProxy proxy) {
        this.proxy = proxy;
    }

    /// @param proxy of an actor
    /// @throws IllegalArgumentException for anything else
    public static ActorHandle of(Object proxy) {
        if (proxy instanceof ActorProxy actor) {
            return new ActorHandle(actor);
        }
        throw new IllegalArgumentException("a " + proxy.getClass().getName() + " is no proxy of an actor");
    }

    /// The future that keeps the actor, to share it by a variable, a queue or a dataset: who gets it calls the actor
    /// by [ClusterServices#actorOf].
    ///
    /// @throws IllegalStateException for a proxy that a task got as an argument, which keeps nothing
    public Future<?> future() {
        if (proxy.actorStub().held() instanceof Future<?> future) {
            return future;
        }
        throw new IllegalStateException("a proxy that came with a task keeps no actor");
    }

    /// The address of the worker that has it; waits until it is made.
    ///
    /// @throws io.github.daskjvm.worker.actor.ActorException if it could not be made
    public String worker() {
        return proxy.actorReference().worker();
    }

    /// Lets go of the actor: its worker drops it, unless another future of it is held, and closes it if it is
    /// `AutoCloseable`. Does nothing for a proxy that a task got as an argument.
    @Override
    public void close() {
        if (proxy.actorStub().held() instanceof Future<?> future) {
            future.close();
        }
    }
}
