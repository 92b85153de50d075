package io.github.daskjvm.core.worker;

import java.util.Map;

/// What decides how a worker goes about its tasks.
///
/// @param address its own; peers lists from the scheduler may name it
/// @param nthreads tasks that run at a time
/// @param resources amounts of abstract resources that tasks may hold
/// @param transfers how values are fetched from peers
public record WorkerConfig(String address, int nthreads, Map<String, Double> resources, Transfers transfers) {

    public WorkerConfig {
        resources = Map.copyOf(resources);
    }

    /// How values are fetched from peers.
    ///
    /// @param outgoingConnections `distributed.worker.connections.outgoing`: peers fetched from at a time, once
    ///     `throttledFromBytes` are under way; with less there may be more
    /// @param messageBytesMax `distributed.worker.transfer.message-bytes-limit`: bytes asked of a peer at once; a
    ///     larger value is asked for alone
    /// @param incomingBytesMax bytes under way at a time; one transfer is always allowed
    /// @param busyRetryNanos until a peer that was busy is asked again
    /// @param missingRetryNanos between questions to the scheduler where a missing value is
    public record Transfers(
            int outgoingConnections,
            long throttledFromBytes,
            long messageBytesMax,
            long incomingBytesMax,
            long busyRetryNanos,
            long missingRetryNanos) {
        /// Dask's own, but for the bytes under way, which depend on the memory there is: here they have no limit.
        public static final Transfers DEFAULT =
                new Transfers(50, 10_000_000, 50_000_000, Long.MAX_VALUE, 150_000_000L, 1_000_000_000L);

        /// With other limits.
        public Transfers with(int outgoingConnections, long messageBytesMax, long incomingBytesMax) {
            return new Transfers(
                    outgoingConnections,
                    throttledFromBytes,
                    messageBytesMax,
                    incomingBytesMax,
                    busyRetryNanos,
                    missingRetryNanos);
        }
    }
}
