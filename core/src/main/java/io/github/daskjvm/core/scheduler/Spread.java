package io.github.daskjvm.core.scheduler;

/// What became of a task that very many others need, on its way to these, a slice at a time. See [LooseEnds].
final class Spread {
    final String cause;
    /// Copied without a look at any of them.
    private final Object[] dependents;
    private int next;

    Spread(TaskState task, String cause) {
        this.cause = cause;
        dependents = task.dependents.toArray();
    }

    boolean isOver() {
        return next == dependents.length;
    }

    TaskState next() {
        return (TaskState) dependents[next++];
    }
}
