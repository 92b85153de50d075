package io.github.daskjvm.core.worker;

import java.util.Map;

/// What decides how a worker goes about its tasks.
///
/// @param address its own; peers lists from the scheduler may name it
/// @param nthreads tasks that run at a time
/// @param resources amounts of abstract resources that tasks may hold
/// @param incomingConnections `distributed.worker.connections.incoming`: peers fetched from at a time
/// @param messageBytesMax `distributed.worker.transfer.message-bytes-limit`: bytes asked of a peer at once; a
///     larger value is asked for alone
/// @param incomingBytesMax bytes under way at a time; one transfer is always allowed
/// @param busyRetryNanos until a peer that was busy is asked again
/// @param missingRetryNanos between questions to the scheduler where a missing value is
public record WorkerConfig(
        String address,
        int nthreads,
        Map<String, Double> resources,
        int incomingConnections,
        long messageBytesMax,
        long incomingBytesMax,
        long busyRetryNanos,
        long missingRetryNanos) {

    public WorkerConfig {
        resources = Map.copyOf(resources);
    }

    /// With Dask's own defaults for transfers.
    ///
    /// @param memoryLimitBytes 0 for none; a tenth of it may be under way
    public static WorkerConfig of(String address, int nthreads, Map<String, Double> resources, long memoryLimitBytes) {
        return new WorkerConfig(
                address,
                nthreads,
                resources,
                10,
                50_000_000,
                memoryLimitBytes > 0 ? Math.max(1, memoryLimitBytes / 10) : Long.MAX_VALUE,
                150_000_000L,
                1_000_000_000L);
    }
}
