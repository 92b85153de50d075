package io.github.daskjvm.worker;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.RecentMedian;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerSnapshot.Measured;
import io.github.daskjvm.core.worker.WorkerSnapshot.Operation;
import io.github.daskjvm.core.worker.WorkerSnapshot.Transfers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the worker measures of itself. Any thread may call; nothing here takes long.
final class Measurements {
    /// Dask's weight of the newest value in its moving averages.
    private static final double NEWEST = 0.05;
    /// Smaller transfers say more about latency than about bandwidth.
    private static final long BANDWIDTH_BYTES_MIN = 1_000_000;
    private static final int DIGESTS_MAX = 1000;

    private final RecentMedian ticks = new RecentMedian();
    private final RecentMedian tasks = new RecentMedian();
    private final RecentMedian bandwidths = new RecentMedian();
    private final Histogram taskDurations = new Histogram();
    private final Histogram transferDurations = new Histogram();
    private final long startNanos = System.nanoTime();
    private double computeCpuSeconds;
    private Map<Object, Double> digests = new LinkedHashMap<>();
    private long tickCount;
    private double tickAverageSeconds = 0.02;
    /// Dask starts from a millisecond, and from the configured 100 MB/s.
    private double latencySeconds = 0.001;

    private double bandwidthBytesPerSecond = 100e6;
    private long incomingTotalBytes;
    private long incomingTotal;
    private long outgoingBytes;
    private int outgoing;
    private long outgoingTotalBytes;
    private long outgoingTotal;

    private void digest(Object name, double value) {
        if (digests.size() < DIGESTS_MAX || digests.containsKey(name)) {
            digests.merge(name, value, Double::sum);
        }
    }

    synchronized void tick(double seconds) {
        ticks.add(seconds, System.nanoTime());
        tickCount++;
        tickAverageSeconds += NEWEST * (seconds - tickAverageSeconds);
        digest("tick-duration", seconds);
    }

    /// A look at the stacks of the tasks that run.
    synchronized void profile(double seconds) {
        digest("profile-duration", seconds);
    }

    synchronized void latency(double seconds) {
        latencySeconds += NEWEST * (seconds - latencySeconds);
        digest("latency", seconds);
    }

    /// @param cpuSeconds of them, on a processor
    synchronized void task(TaskKey key, double seconds, double cpuSeconds) {
        tasks.add(seconds, System.nanoTime());
        taskDurations.add(seconds, key, System.currentTimeMillis() / 1e3);
        computeCpuSeconds += cpuSeconds;
        String prefix = key.prefix();
        digest(List.of("execute", prefix, "thread-cpu", "seconds"), cpuSeconds);
        digest(List.of("execute", prefix, "thread-noncpu", "seconds"), Math.max(0, seconds - cpuSeconds));
    }

    synchronized void incoming(long bytes, double seconds) {
        double bandwidth = bytes / Math.max(1e-9, seconds);
        bandwidths.add(bandwidth, System.nanoTime());
        transferDurations.add(seconds);
        if (bytes >= BANDWIDTH_BYTES_MIN) {
            bandwidthBytesPerSecond += NEWEST * (bandwidth - bandwidthBytesPerSecond);
        }
        incomingTotalBytes += bytes;
        incomingTotal++;
        digest(List.of("gather-dep", "network", "seconds"), seconds);
        digest(List.of("gather-dep", "network", "bytes"), (double) bytes);
    }

    /// A peer asks for data; [#outgoingDone] is to follow.
    ///
    /// @param limit more at a time are refused
    /// @return false if there are as many already
    synchronized boolean outgoingStarts(int limit) {
        if (outgoing >= limit) {
            return false;
        }
        outgoing++;
        outgoingTotal++;
        return true;
    }

    synchronized void outgoingSends(long bytes) {
        outgoingBytes += bytes;
        outgoingTotalBytes += bytes;
    }

    synchronized void outgoingDone(long bytes, double serializeSeconds) {
        outgoing--;
        outgoingBytes -= bytes;
        digest(List.of("get-data", "serialize", "seconds"), serializeSeconds);
    }

    synchronized double latencySeconds() {
        return latencySeconds;
    }

    synchronized double tickAverageSeconds() {
        return tickAverageSeconds;
    }

    synchronized double bandwidthBytesPerSecond() {
        return bandwidthBytesPerSecond;
    }

    /// What was added up since this was called last.
    synchronized Map<Object, Double> takeDigests() {
        Map<Object, Double> taken = digests;
        digests = new LinkedHashMap<>();
        return taken;
    }

    synchronized Transfers incomingTransfers(long openBytes, int open) {
        return new Transfers(openBytes, open, incomingTotalBytes, incomingTotal);
    }

    synchronized Transfers outgoingTransfers() {
        return new Transfers(outgoingBytes, outgoing, outgoingTotalBytes, outgoingTotal);
    }

    synchronized Measured measured(String name, String address, int threads, CallFigures calls) {
        return new Measured(
                name,
                address,
                taskDurations.copy(),
                transferDurations.copy(),
                computeCpuSeconds,
                threads * ((System.nanoTime() - startNanos) / 1e9),
                calls.ops().stream()
                        .map(op -> new Operation(op.op(), op.calls(), op.failures(), op.nanos()))
                        .toList(),
                calls.others());
    }

    /// @param maximumSeconds the longest of the last minute
    record Ticks(long count, double medianSeconds, double maximumSeconds) {}

    Ticks ticks() {
        long count;
        RecentMedian.Window window;
        synchronized (this) {
            count = tickCount;
            window = ticks.window(System.nanoTime());
        }
        return new Ticks(count, window.median(), window.maximum());
    }

    double taskMedianSeconds() {
        return window(tasks).median();
    }

    double bandwidthMedianBytesPerSecond() {
        return window(bandwidths).median();
    }

    /// A copy, to be sorted where nobody waits for it.
    private synchronized RecentMedian.Window window(RecentMedian values) {
        return values.window(System.nanoTime());
    }
}
