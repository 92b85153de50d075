package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the scheduler wants done. The shell carries commands out in order; a command for a worker or client that
/// is gone by then is dropped, since its going is an event of its own.
public sealed interface Command {

    /// For the stream to the worker with this address.
    record ToWorker(String worker, WorkerMessage message) implements Command {}

    /// For the stream to the client with this id.
    record ToClient(String client, ClientMessage message) implements Command {}

    /// Bring [Event.TimerFired] after this delay; a pending timer of the kind is replaced.
    record SetTimer(Timer timer, long delayNanos) implements Command {}

    /// What was posted before the [Event.Marker] that brought this is applied, to the last slice.
    record Reached(Object receipt) implements Command {}

    /// For the events that clients can subscribe to.
    ///
    /// @param message a map or list of plain values
    record LogEvent(String topic, Object message) implements Command {}

    /// For the events of the topic `stealing`: what was asked for in one round.
    record LogSteals(List<Steal> steals) implements Command {}

    /// @param level how dear it is to move the task, of [StealingLevels]
    /// @param costSeconds what it is expected to take at the victim, in seconds, as the occupancies are
    record Steal(
            int level,
            TaskKey key,
            double costSeconds,
            String victim,
            double victimSeconds,
            String thief,
            double thiefSeconds) {}

    /// Messages of the scheduler-to-worker stream.
    sealed interface WorkerMessage {}

    /// @param resources amounts the task holds while it runs; empty for none
    /// @param spanId of the task's group
    /// @param span to be put into the annotations, where they name another or none; null to leave them as they are
    /// @param expectedSeconds how long such tasks took so far
    record ComputeTask(
            TaskKey key,
            long runId,
            Priority priority,
            List<Dependency> dependencies,
            Object runSpec,
            Map<String, Double> resources,
            boolean actor,
            @Nullable Object annotations,
            @Nullable String spanId,
            @Nullable SpanPath span,
            double expectedSeconds,
            String stimulusId)
            implements WorkerMessage {}

    /// Where a task finds an input, and how large it is.
    record Dependency(TaskKey key, List<String> workers, long sizeBytes) {}

    /// Drop results, forget tasks.
    record FreeKeys(Collection<TaskKey> keys, String stimulusId) implements WorkerMessage {}

    /// Drop copies, unless still needed there; the worker answers which.
    record RemoveReplicas(Collection<TaskKey> keys, String stimulusId) implements WorkerMessage {}

    /// Fetch copies.
    record AcquireReplicas(List<Dependency> replicas, String stimulusId) implements WorkerMessage {}

    record RefreshWhoHas(Map<TaskKey, List<String>> whoHas, String stimulusId) implements WorkerMessage {}

    record ChangeWorkerStatus(WorkerStatus status, String stimulusId) implements WorkerMessage {}

    /// Give the task up for another worker, unless it has begun; the worker answers in any case.
    record StealRequest(TaskKey key, String stimulusId) implements WorkerMessage {}

    /// Another worker is gone.
    record RemoveWorker(String worker, String stimulusId) implements WorkerMessage {}

    /// This run of a peer-to-peer shuffle is over; its pieces can go.
    record ShuffleFail(String shuffle, long runId, String message) implements WorkerMessage {}

    /// Messages of the scheduler-to-client stream.
    sealed interface ClientMessage {}

    /// @param type opaque pickled class of the result
    record KeyInMemory(TaskKey key, @Nullable Object type) implements ClientMessage {}

    record TaskErred(
            TaskKey key,
            @Nullable Object exception,
            @Nullable Object traceback) implements ClientMessage {}

    /// The task and its like were lost with workers once too often; the shell writes the exception of this name.
    ///
    /// @param lastWorker address of the worker that died last with it
    record TaskKilledWorkers(TaskKey key, TaskKey cause, String lastWorker, int allowedFailures)
            implements ClientMessage {}

    /// The worker where an actor lived is gone, and the actor with it; the shell writes a `ValueError`.
    record ActorLost(TaskKey key) implements ClientMessage {}

    /// The inputs of the task to blame are more than the worker may hold; the shell writes a `MemoryError`.
    record InputsTooLarge(TaskKey key, TaskKey cause, Failure.InputsTooLarge failure) implements ClientMessage {}

    /// There was no worker for too long; the shell writes the exception of Dask's name, as for the next one.
    record NoWorker(TaskKey key, TaskKey cause, Failure.NoWorker failure) implements ClientMessage {}

    /// No worker could run the task for too long.
    record NoValidWorker(TaskKey key, TaskKey cause, Failure.NoValidWorker failure) implements ClientMessage {}

    /// The task could not be accepted, and never will be as it stands; the shell writes a `ValueError`.
    record TaskRejected(TaskKey key, String reason) implements ClientMessage {}

    record LostData(TaskKey key) implements ClientMessage {}

    record CancelledKeys(Collection<TaskKey> keys) implements ClientMessage {}

    record TaskRetried(TaskKey key) implements ClientMessage {}

    /// All the client's futures are cancelled.
    record Restarted() implements ClientMessage {}
}
