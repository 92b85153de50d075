package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What can happen to a worker. Values typed `Object` are opaque.
public sealed interface WorkerEvent {

    // ---- the scheduler's messages ----

    /// @param runId number of the attempt at the scheduler, echoed in reports
    /// @param inputs tasks whose values this one needs
    /// @param resources amounts it holds while it runs; empty for none
    record ComputeTask(
            TaskKey key,
            long runId,
            Priority priority,
            List<Input> inputs,
            @Nullable Object runSpec,
            Map<String, Double> resources)
            implements WorkerEvent {}

    /// A value on other workers.
    ///
    /// @param workers addresses of those that have it
    record Input(TaskKey key, List<String> workers, long sizeBytes) {}

    /// Forget these, running or not, and drop their values.
    record FreeKeys(Collection<TaskKey> keys) implements WorkerEvent {}

    /// Drop these copies unless tasks here wait for them.
    record RemoveReplicas(Collection<TaskKey> keys) implements WorkerEvent {}

    /// Fetch copies of these, after all that tasks wait for.
    record AcquireReplicas(List<Input> replicas) implements WorkerEvent {}

    /// Where values are now; an empty list where nobody knows.
    record RefreshWhoHas(Map<TaskKey, List<String>> whoHas) implements WorkerEvent {}

    /// Do not compute it, unless it runs already.
    record CancelCompute(TaskKey key) implements WorkerEvent {}

    /// Give the task up unless it runs already, and say which it was.
    record StealRequest(TaskKey key, String stimulusId) implements WorkerEvent {}

    /// A peer is gone.
    record RemoveWorker(String worker) implements WorkerEvent {}

    // ---- tasks that run ----

    /// @param attempt of [WorkerInstruction.Execute]
    /// @param value opaque; stored if still wanted
    record TaskFinished(
            long attempt, Object value, long sizeBytes, String typeName, List<StartStop> startStops, long thread)
            implements WorkerEvent {}

    record TaskErred(
            long attempt,
            byte[] exception,
            String exceptionText,
            String tracebackText,
            List<StartStop> startStops,
            long thread)
            implements WorkerEvent {}

    /// The task gives its thread's place to the next one, and goes on beside it.
    ///
    /// @param computeSeconds how long it ran until then
    record TaskLongRunning(long attempt, double computeSeconds) implements WorkerEvent {}

    /// A long-running task goes on after it waited, and counts among those that have a thread again. They may then be
    /// more than there are threads: none is started until they are fewer.
    record TaskResumed(long attempt) implements WorkerEvent {}

    /// The task asked to run again, maybe elsewhere.
    record TaskRescheduled(long attempt) implements WorkerEvent {}

    // ---- transfers from peers ----

    /// A peer answered, with all that was asked of it or some.
    ///
    /// @param start seconds since 1970
    record TransferFinished(String worker, Map<TaskKey, Received> received, double start, double stop)
            implements WorkerEvent {}

    /// @param value opaque
    record Received(Object value, long sizeBytes) {}

    /// The peer cannot be reached, or broke off.
    record TransferFailed(String worker) implements WorkerEvent {}

    /// The peer serves too many others now.
    record TransferBusy(String worker) implements WorkerEvent {}

    // ---- the rest ----

    /// Values that a client or the scheduler placed here.
    record DataPlaced(Map<TaskKey, Received> data) implements WorkerEvent {}

    /// Whether to start tasks and transfers.
    record SetPaused(boolean paused) implements WorkerEvent {}

    /// The time asked for by [WorkerInstruction.SetTimer] has come.
    record TimerFired(WorkerInstruction.Timer timer) implements WorkerEvent {}

    /// An interval of work for a task, in seconds of the wall clock since 1970.
    ///
    /// @param action `compute`, `transfer` or `deserialize`
    /// @param source the peer of a transfer
    record StartStop(
            String action,
            double start,
            double stop,
            @Nullable String source) {}
}
