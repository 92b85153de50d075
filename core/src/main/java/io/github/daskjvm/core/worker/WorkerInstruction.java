package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.TaskKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the worker's state machine wants done. Carried out in order.
public sealed interface WorkerInstruction {

    /// Run it. One of `TaskFinished`, `TaskErred` and `TaskRescheduled` with this attempt is to follow.
    ///
    /// @param attempt unique number
    /// @param inputs all stored now, maybe no longer when the task starts: take them at once
    record Execute(long attempt, TaskKey key, @Nullable Object runSpec, List<TaskKey> inputs)
            implements WorkerInstruction {}

    /// Its result is not wanted any more.
    record Interrupt(long attempt) implements WorkerInstruction {}

    /// Keep the value for tasks and peers.
    record Store(TaskKey key, Object value, long sizeBytes) implements WorkerInstruction {}

    record Drop(TaskKey key) implements WorkerInstruction {}

    /// Get these from the peer. One of `TransferFinished`, `TransferFailed` and `TransferBusy` is to follow.
    ///
    /// @param expectedBytes as far as known
    record Fetch(String worker, List<TaskKey> keys, long expectedBytes) implements WorkerInstruction {}

    /// Bring [WorkerEvent.TimerFired] after this delay.
    record SetTimer(Timer timer, long delayNanos) implements WorkerInstruction {}

    /// For the stream to the scheduler.
    record Send(WorkerMessage message) implements WorkerInstruction {}

    sealed interface Timer {}

    /// A peer that was busy may be asked again.
    record PeerNoLongerBusy(String worker) implements Timer {}

    /// Time to ask again where missing values are.
    record AskForMissing() implements Timer {}
}
