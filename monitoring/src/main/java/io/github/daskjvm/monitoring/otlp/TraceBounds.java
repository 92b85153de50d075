package io.github.daskjvm.monitoring.otlp;

/// What traces may hold. By its fields a task takes some 200 bytes until its graph has ended, and 100 as one of the
/// past, its key not counted.
///
/// @param tasksOfGraph tasks of one graph that are traced: of a larger one, the first and the last by Dask's order
/// @param tasks traced tasks of all graphs that have not ended
/// @param pastTasks tasks of graphs that have ended, to which those of later graphs can be linked
record TraceBounds(int tasksOfGraph, int tasks, int pastTasks) {
    static final TraceBounds DEFAULT = new TraceBounds(5_000, 200_000, 100_000);
}
