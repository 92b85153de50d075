package io.github.daskjvm.worker.profile;

import io.github.daskjvm.core.model.TaskKey;

/// A task that runs, or is about to.
public interface Running {
    TaskKey key();

    /// Innermost frame first; empty if it is not on a thread.
    StackTraceElement[] stackTrace();
}
