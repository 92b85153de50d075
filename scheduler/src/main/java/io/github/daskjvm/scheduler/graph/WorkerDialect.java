package io.github.daskjvm.scheduler.graph;

import java.util.Set;

/// How a Python worker wants to be spoken to, as it says itself ([WorkerProbe]).
///
/// @param wantsDuration its `compute-task` must have the field `duration` (2024.12), or must not (2026.7)
/// @param longRunningHasRunId its `long-running` messages carry a `run_id` (2026.7)
/// @param streamOps the operations it takes on its stream, where anything else ends it; empty if not known
/// @param distributedVersion for people to read
public record WorkerDialect(
        boolean wantsDuration, boolean longRunningHasRunId, Set<String> streamOps, String distributedVersion) {

    /// What a worker is taken for that does not let itself be asked.
    public static final WorkerDialect OF_2024_12 = new WorkerDialect(true, false, Set.of(), "2024.12");

    public static final WorkerDialect OF_2026_7 = new WorkerDialect(false, true, Set.of(), "2026.7");

    /// The form in which graphs come from clients of the same Dask as this worker's.
    public GraphRequest.Form graphForm() {
        return wantsDuration ? GraphRequest.Form.HIGH_LEVEL_GRAPH : GraphRequest.Form.EXPRESSION;
    }
}
