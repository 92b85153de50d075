package io.github.daskjvm.monitoring;

/// How an event loop fared until one moment.
///
/// @param ticks rounds of the loop since start
/// @param tickMaximumSeconds the longest round of late
public record LoopSnapshot(long ticks, double tickMaximumSeconds) {}
