package io.github.daskjvm.worker;

import io.github.daskjvm.worker.spill.SpillCompression;
import java.time.Duration;

/// `distributed.worker.memory`: fractions of a worker's memory limit at which something is done about it. Without a
/// limit nothing is.
///
/// @param target of results in memory: beyond it the least recently used go to disk; 0 for never
/// @param spill of all memory: as above, until it is below `target`; 0 for never
/// @param pause of all memory: no task is started until it is below; 0 for never
/// @param terminate of all memory: the nanny ends the worker; 0 for never. The worker itself does nothing then.
/// @param maxSpillBytes of the files on disk; `Long.MAX_VALUE` for no bound
/// @param monitorInterval between two looks at all memory
public record MemorySettings(
        double target,
        double spill,
        double pause,
        double terminate,
        long maxSpillBytes,
        SpillCompression compression,
        Duration monitorInterval) {
    /// Dask's.
    public static final MemorySettings DEFAULT =
            new MemorySettings(0.60, 0.70, 0.80, 0.95, Long.MAX_VALUE, SpillCompression.LZ4, Duration.ofMillis(100));

    /// @throws IllegalArgumentException if one of them is none
    public MemorySettings {
        for (double fraction : new double[] {target, spill, pause, terminate}) {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException("a fraction of memory of " + fraction + "; it must be 0 to 1");
            }
        }
        if (maxSpillBytes < 0 || monitorInterval.isNegative() || monitorInterval.isZero()) {
            throw new IllegalArgumentException("max-spill and monitor-interval must be positive");
        }
    }

    /// Whether results may go to disk at all.
    boolean spills() {
        return target > 0 || spill > 0;
    }

    /// With another bound on what is on disk.
    public MemorySettings maxSpillBytes(long bytes) {
        return new MemorySettings(target, spill, pause, terminate, bytes, compression, monitorInterval);
    }

    /// With other fractions for `target`, `spill` and `pause`.
    public MemorySettings fractions(double newTarget, double newSpill, double newPause) {
        return new MemorySettings(
                newTarget, newSpill, newPause, terminate, maxSpillBytes, compression, monitorInterval);
    }
}
