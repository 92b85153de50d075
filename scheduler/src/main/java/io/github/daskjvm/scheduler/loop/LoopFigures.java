package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.core.model.Histogram;
import java.util.List;

/// What the event loop has done so far.
///
/// @param ticks times it came round with something to do
/// @param events events applied since the start
/// @param queries questions answered since the start
/// @param busyNanos time not spent waiting, since the start
/// @param tickMaximumNanos the longest tick of the last ten to twenty seconds
/// @param times what took how long, as of the last time that it was copied, which is when the snapshot is
public record LoopFigures(long ticks, long events, long queries, long busyNanos, long tickMaximumNanos, Times times) {
    public static final LoopFigures NONE = new LoopFigures(0, 0, 0, 0, 0, Times.NONE);

    /// @param batches seconds that each tick took: events, placement, messages written
    /// @param reads seconds before ticks in which messages were read from streams and decoded, where any came
    /// @param placements seconds of that in placing tasks
    /// @param ops events applied, by operation
    public record Times(Histogram.Copy batches, Histogram.Copy reads, Histogram.Copy placements, List<OpFigures> ops) {
        public static final Times NONE =
                new Times(Histogram.Copy.EMPTY, Histogram.Copy.EMPTY, Histogram.Copy.EMPTY, List.of());
    }
}
