package io.github.daskjvm.worker;

import org.jspecify.annotations.Nullable;

/// What a run measures of itself besides its whole. Of the task's thread.
final class TaskTimes {
    Outcome outcome = Outcome.DONE;
    /// From when it could have started.
    long executorNanos;
    /// Of its function and arguments, if that took long enough to be reported.
    long deserializeNanos;
    /// Processor time of the thread when the run started, and when all was read.
    long startCpuNanos;
    long deserializedCpuNanos;
    /// Inputs that were in memory when it could start; null for a task without inputs.
    @Nullable
    MemoryReads memoryReads;

    /// How a run ended.
    enum Outcome {
        DONE,
        FAILED,
        /// Nobody wants its result, or it is to run elsewhere.
        CANCELLED
    }

    double executorSeconds() {
        return executorNanos / 1e9;
    }

    double deserializeSeconds() {
        return deserializeNanos / 1e9;
    }

    double deserializeCpuSeconds() {
        return deserializeNanos == 0 ? 0 : (deserializedCpuNanos - startCpuNanos) / 1e9;
    }
}
