package io.github.daskjvm.pickle.graph;

import java.util.List;

/// The tasks that the wanted keys lead to, in the order in which the graph names them. No task needs itself through
/// others.
public record CutGraph(List<CutTask> tasks) {}
