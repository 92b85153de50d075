package io.github.daskjvm.scheduler;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.scheduler.coordination.SemaphoreFigures;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a scheduler does beside its event loop, at one moment.
///
/// @param calls operations that are answered
/// @param messages of streams that do not reach the event loop
/// @param semaphores and locks by name; beyond a bound one of them, `other`, stands for several
/// @param otherSemaphores how many that is
/// @param waitingGraphKeys keys wanted of graphs that wait for a Python worker to unpack them
/// @param workerMetrics as [Scheduler#cumulativeWorkerMetrics]
public record ServiceFigures(
        String address,
        CallFigures calls,
        CallFigures messages,
        List<SemaphoreFigures> semaphores,
        int otherSemaphores,
        long waitingGraphKeys,
        Map<List<@Nullable Object>, Number> workerMetrics) {
    public static final ServiceFigures NONE =
            new ServiceFigures("", CallFigures.NONE, CallFigures.NONE, List.of(), 0, 0, Map.of());
}
