package io.github.daskjvm.core.scheduler;

import java.time.Duration;

/// How the scheduler looks after copies of results, by Dask's configuration keys below
/// `distributed.scheduler.active-memory-manager`.
///
/// @param start whether the active memory manager runs from the beginning
/// @param interval how often it then runs
/// @param measure the memory of workers by which it chooses among them
/// @param reduceReplicas whether `policies` has `ReduceReplicas`
/// @param recentToOld `distributed.worker.memory.recent-to-old-time`
/// @param rebalance for the operation of that name
public record MemoryPolicy(
        boolean start,
        Duration interval,
        MemoryMeasure measure,
        boolean reduceReplicas,
        Duration recentToOld,
        Rebalance rebalance) {

    /// By the keys below `distributed.worker.memory.rebalance`. The fractions are of a worker's memory limit, and mean
    /// nothing for a worker that has none.
    ///
    /// @param measure the memory that is to be spread evenly
    /// @param senderMin a worker with less gives nothing away
    /// @param recipientMax a worker with more takes nothing
    /// @param gap `sender-recipient-gap`: workers within half of it of the mean neither give nor take
    public record Rebalance(MemoryMeasure measure, double senderMin, double recipientMax, double gap) {
        public static final Rebalance DEFAULT = new Rebalance(MemoryMeasure.OPTIMISTIC, 0.3, 0.6, 0.1);
    }

    /// Dask's own defaults.
    public static final MemoryPolicy DEFAULT = new MemoryPolicy(
            true, Duration.ofSeconds(2), MemoryMeasure.OPTIMISTIC, true, Duration.ofSeconds(30), Rebalance.DEFAULT);
}
