package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.Histogram;
import java.util.List;
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
/// @param spills 0 where nothing is ever spilled
/// @param measured since start
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
        Memory memory,
        Spills spills,
        Transfers incoming,
        Transfers outgoing,
        Measured measured) {
    /// Of a worker that is not there yet.
    public static final WorkerSnapshot NONE = new WorkerSnapshot(
            Map.of(),
            0,
            0,
            0,
            0,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            0,
            0,
            Memory.NONE,
            Spills.NONE,
            Transfers.NONE,
            Transfers.NONE,
            Measured.NONE);

    /// @param processBytes of the heap that are in use, as the last collection left it and values changed it
    ///     since; of what several workers of a process share, its part
    /// @param managedBytes of results in memory
    /// @param spilledBytes of results on disk alone, by what they took in memory
    /// @param spilledDiskBytes of the same, by what they take on disk
    /// @param limitBytes 0 for none
    public record Memory(
            long processBytes, long managedBytes, long spilledBytes, long spilledDiskBytes, long limitBytes) {
        public static final Memory NONE = new Memory(0, 0, 0, 0, 0);
    }

    /// What spilling came to since the worker started. Bytes on disk are compressed ones.
    ///
    /// @param memoryReads results that were asked for and in memory
    /// @param unspillable results that stayed in memory since they do not serialize
    public record Spills(
            long writes,
            long writtenBytes,
            long reads,
            long readBytes,
            long memoryReads,
            long memoryReadBytes,
            double serializeSeconds,
            double compressSeconds,
            double writeSeconds,
            double readSeconds,
            double decompressSeconds,
            double deserializeSeconds,
            int unspillable) {
        public static final Spills NONE = new Spills(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /// @param bytes of transfers open now
    /// @param count transfers open now
    /// @param bytesTotal of all since start
    /// @param countTotal all since start
    public record Transfers(long bytes, int count, long bytesTotal, long countTotal) {
        public static final Transfers NONE = new Transfers(0, 0, 0, 0);
    }

    /// @param name of the worker, as is `address`
    /// @param taskSeconds durations of tasks
    /// @param transferSeconds durations of transfers from other workers
    /// @param computeCpuSeconds time that tasks took on processors
    /// @param threadSeconds time that threads were there to compute in
    /// @param operations calls that others made of it
    /// @param otherOperations how many operations the one called `other` stands for
    public record Measured(
            String name,
            String address,
            Histogram.Copy taskSeconds,
            Histogram.Copy transferSeconds,
            double computeCpuSeconds,
            double threadSeconds,
            List<Operation> operations,
            int otherOperations) {
        public static final Measured NONE =
                new Measured("", "", Histogram.Copy.EMPTY, Histogram.Copy.EMPTY, 0, 0, List.of(), 0);
    }

    /// An operation that others can call.
    ///
    /// @param op Dask's name
    /// @param failures calls that ended with an exception for the caller
    /// @param nanos that the calls took
    public record Operation(String op, long calls, long failures, long nanos) {}
}
