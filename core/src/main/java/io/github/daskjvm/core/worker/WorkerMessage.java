package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent.StartStop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Messages of the worker-to-scheduler stream that the state machine sends; one per op.
public sealed interface WorkerMessage {

    record TaskFinished(
            TaskKey key, long runId, long sizeBytes, String typeName, List<StartStop> startStops, long thread)
            implements WorkerMessage {}

    record TaskErred(
            TaskKey key,
            long runId,
            byte[] exception,
            String exceptionText,
            String tracebackText,
            List<StartStop> startStops,
            long thread)
            implements WorkerMessage {}

    record LongRunning(TaskKey key, long runId, double computeSeconds) implements WorkerMessage {}

    record Reschedule(TaskKey key) implements WorkerMessage {}

    record ReleaseWorkerData(TaskKey key) implements WorkerMessage {}

    record AddKeys(List<TaskKey> keys) implements WorkerMessage {}

    record RequestRefreshWhoHas(List<TaskKey> keys) implements WorkerMessage {}

    /// @param status what it was when asked; null for a task not known here
    record StealResponse(TaskKey key, @Nullable WorkerTaskStatus status, String stimulusId) implements WorkerMessage {}
}
