package io.github.daskjvm.scheduler.loop;

/// What the event loop has done so far.
///
/// @param ticks times it came round with something to do
/// @param events events applied since the start
/// @param queries questions answered since the start
/// @param busyNanos time not spent waiting, since the start
/// @param tickMaximumNanos the longest tick of the last ten to twenty seconds
public record LoopFigures(long ticks, long events, long queries, long busyNanos, long tickMaximumNanos) {
    public static final LoopFigures NONE = new LoopFigures(0, 0, 0, 0, 0);
}
