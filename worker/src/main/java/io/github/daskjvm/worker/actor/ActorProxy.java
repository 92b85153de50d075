package io.github.daskjvm.worker.actor;

import java.io.Serializable;

/// What every proxy of an actor implements besides the actor's own interface. The names begin with `actor`, so that
/// they are not likely to be among that interface's.
public interface ActorProxy extends Serializable {
    /// Where the actor is. It may be asked before the actor is made, and waits for that then.
    ActorReference actorReference();

    /// What calls it.
    ActorStub actorStub();

    /// For serialization: a proxy travels as the reference.
    Object writeReplace();
}
