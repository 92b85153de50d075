package io.github.daskjvm.core.scheduler;

/// How far a worker is that was asked to retire.
public enum Retirement {
    /// Nobody asked it to.
    NONE,
    /// What only it holds is being copied to other workers.
    MOVING,
    /// Nothing is lost if it goes.
    DONE,
    /// No worker could take what only it holds.
    NO_RECIPIENTS,
    /// An actor lives there, which can't be moved.
    HOLDS_ACTORS
}
