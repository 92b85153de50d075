package io.github.daskjvm.monitoring;

/// How an event loop fared until one moment.
///
/// @param ticks rounds of the loop since start
/// @param tickMaximumSeconds the longest time between two rounds, over about the last minute
public record LoopSnapshot(long ticks, double tickMaximumSeconds) {}
