package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tasks of a graph: everything that the wanted keys lead to inside it. Dependencies may name keys outside
/// of it, futures or lost ones, which the scheduler's state decides.
///
/// @param request what was asked for
/// @param tasks in the order in which the graph names them
/// @param worker where it was unpacked; null for here
/// @param nanos how long that took, waiting not counted
public record MaterializedGraph(
        GraphRequest request,
        List<TaskSpec> tasks,
        @Nullable String worker,
        long nanos) {

    /// What the scheduler's state is told.
    ///
    /// @param arrivedNanos when the client's message had arrived, by the loop's clock; 0 if unknown
    public Event.UpdateGraph event(String client, Event.Origin origin, long arrivedNanos, String stimulusId) {
        return new Event.UpdateGraph(
                client,
                tasks,
                request.keys(),
                request.submittingTask(),
                request.fifoTimeoutNanos(),
                origin,
                new Event.Submission(arrivedNanos, worker, nanos),
                stimulusId);
    }
}
