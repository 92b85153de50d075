package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;

/// How many clients and workers have come and gone, which only grows, and how many tasks are in each state now.
final class Counters {
    long clientsAdded;
    long clientsRemoved;
    long workersAdded;
    long workersRemoved;
    /// By the ordinal of the state.
    final long[] current = new long[TaskStatus.values().length];
}
