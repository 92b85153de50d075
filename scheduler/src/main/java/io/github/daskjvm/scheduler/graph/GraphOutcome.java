package io.github.daskjvm.scheduler.graph;

/// What became of a graph that was to be unpacked.
public sealed interface GraphOutcome {
    record Done(MaterializedGraph graph) implements GraphOutcome {}

    /// The reason lies in the graph, or in having no worker that could.
    record Failed(GraphFailure failure) implements GraphOutcome {}
}
