package io.github.daskjvm.worker;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.RecentMedian;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerSnapshot.Measured;
import io.github.daskjvm.core.worker.WorkerSnapshot.Operation;
import io.github.daskjvm.core.worker.WorkerSnapshot.Transfers;
import io.github.daskjvm.worker.spill.SpillTimes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the worker measures of itself. Any thread may call; nothing here takes long.
final class Measurements {
    /// Dask's weight of the newest value in its moving averages.
    private static final double NEWEST = 0.05;
    /// Smaller transfers say more about latency than about bandwidth.
    private static final long BANDWIDTH_BYTES_MIN = 1_000_000;
    /// Between two heartbeats, of peers with a bandwidth of their own.
    private static final int PEERS_MAX = 1000;

    private final RecentMedian ticks = new RecentMedian();
    private final RecentMedian tasks = new RecentMedian();
    private final RecentMedian bandwidths = new RecentMedian();
    private final Histogram taskDurations = new Histogram();
    private final Histogram transferDurations = new Histogram();
    private final long startNanos = System.nanoTime();
    private double computeCpuSeconds;
    private final FineMetrics fine = new FineMetrics();
    private Map<String, PeerRate> peerRates = new LinkedHashMap<>();
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

    private static final class PeerRate {
        double sum;
        long count;
    }

    synchronized void tick(double seconds) {
        ticks.add(seconds, System.nanoTime());
        tickCount++;
        tickAverageSeconds += NEWEST * (seconds - tickAverageSeconds);
        fine.add("tick-duration", seconds);
    }

    /// A look at the stacks of the tasks that run.
    synchronized void profile(double seconds) {
        fine.add("profile-duration", seconds);
    }

    synchronized void latency(double seconds) {
        latencySeconds += NEWEST * (seconds - latencySeconds);
        fine.add("latency", seconds);
    }

    /// @param cpuSeconds of them, on a processor
    /// @param spilled by its thread meanwhile
    synchronized void task(TaskRun run, double seconds, double cpuSeconds, @Nullable SpillTimes spilled) {
        TaskKey key = run.key();
        tasks.add(seconds, System.nanoTime());
        taskDurations.add(seconds, key, System.currentTimeMillis() / 1e3);
        computeCpuSeconds += cpuSeconds;
        fine.task(key, run.span(), run.times(), seconds, cpuSeconds, spilled);
    }

    /// A peer had nothing, was busy, or could not be asked.
    synchronized void notGathered(boolean busy, double seconds) {
        fine.notGathered(busy, seconds);
    }

    synchronized void monitorSpilled(SpillTimes times) {
        fine.monitorSpilled(times);
    }

    synchronized void incoming(String peer, long bytes, double seconds) {
        double bandwidth = bytes / Math.max(1e-9, seconds);
        bandwidths.add(bandwidth, System.nanoTime());
        transferDurations.add(seconds);
        if (bytes >= BANDWIDTH_BYTES_MIN) {
            bandwidthBytesPerSecond += NEWEST * (bandwidth - bandwidthBytesPerSecond);
            PeerRate rate = peerRates.size() < PEERS_MAX
                    ? peerRates.computeIfAbsent(peer, p -> new PeerRate())
                    : peerRates.get(peer);
            if (rate != null) {
                rate.sum += bandwidth;
                rate.count++;
            }
        }
        incomingTotalBytes += bytes;
        incomingTotal++;
        fine.gathered(bytes, seconds);
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

    /// @param times null if the peer does not have it
    synchronized void outgoingDone(long bytes, @Nullable SentTimes times) {
        outgoing--;
        outgoingBytes -= bytes;
        if (times != null) {
            fine.sent(times);
        }
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
    synchronized FineMetrics.Taken takeFineMetrics() {
        return fine.take();
    }

    /// What came from each peer since this was called last, of what says something about the bandwidth: the sum of
    /// the bytes per second of transfers, and their number.
    synchronized Map<String, List<Number>> takePeerBandwidths() {
        Map<String, List<Number>> taken = new LinkedHashMap<>();
        peerRates.forEach((peer, rate) -> taken.put(peer, List.of(rate.sum, rate.count)));
        peerRates = new LinkedHashMap<>();
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
