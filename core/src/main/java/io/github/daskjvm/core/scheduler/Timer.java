package io.github.daskjvm.core.scheduler;

/// What the core wants to be reminded of. There is at most one pending timer of each kind.
public enum Timer {
    /// Look whether tasks that nobody can run have waited longer than `no-workers-timeout`.
    UNRUNNABLE_TIMEOUT,
    /// Run the active memory manager, which is started.
    MEMORY_MANAGER,
    /// See after the workers that retire, while the active memory manager is not started.
    RETIREMENT,
    /// Look whether workers with too little to do could take something off others.
    STEALING,
    /// Go on with what is too much for one step, see [Slices]. Comes at once, after what has come meanwhile.
    SLICE
}
