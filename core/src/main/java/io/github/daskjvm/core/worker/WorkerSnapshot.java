package io.github.daskjvm.core.worker;

import java.util.Map;

/// What a worker was at one moment, immutable: for metrics and heartbeats.
///
/// @param tasksByState tasks in each worker state, by Dask's names (`executing`, `ready`, `waiting`, `memory`,
///     `fetch`, `flight`, `missing`, `long-running`, `error`, `released`, …); every state named is there, 0 included
/// @param incomingConnections connections other workers and clients hold open to fetch data (2019's `serving`)
/// @param fetchingFrom peers from which data is being fetched right now (`dask_worker_connections`)
/// @param threads size of the thread pool
/// @param latencySeconds moving average of the heartbeat's round trip: 5 % newest
/// @param tickMedianSeconds median interval between ticks over about the last minute; NaN without any
/// @param taskMedianSeconds median duration of executed tasks over about the last minute; NaN without any
/// @param bandwidthMedianBytesPerSecond median bandwidth of incoming transfers over about the last minute; NaN
/// @param tickMaximumSeconds longest interval between ticks over about the last minute
/// @param ticks ticks since start
/// @param managedBytes bytes of the results it holds
/// @param memoryLimitBytes 0 for none
public record WorkerSnapshot(
        Map<String, Integer> tasksByState,
        int incomingConnections,
        int fetchingFrom,
        int threads,
        double latencySeconds,
        double tickMedianSeconds,
        double taskMedianSeconds,
        double bandwidthMedianBytesPerSecond,
        double tickMaximumSeconds,
        long ticks,
        long managedBytes,
        long memoryLimitBytes,
        Transfers incoming,
        Transfers outgoing) {

    /// @param bytes of transfers open now
    /// @param count transfers open now
    /// @param bytesTotal of all since start
    /// @param countTotal all since start
    public record Transfers(long bytes, int count, long bytesTotal, long countTotal) {
        public static final Transfers NONE = new Transfers(0, 0, 0, 0);
    }
}
