package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a worker said in its last heartbeat. 0 for what it did not say.
///
/// @param cpuPercent of one processor
/// @param processBytes resident memory
/// @param spilledMemoryBytes what the spilled results took in memory; `spilledDiskBytes`, what they take on disk
/// @param unmanagedOldBytes memory that is no result and has been there for a while
/// @param readBytesPerSecond of the whole host's network, as `writeBytesPerSecond`
/// @param incomingBytes of transfers from peers that are open, as `outgoingBytes` to peers
/// @param incomingTotal transfers since start, as `outgoingTotal`
/// @param bandwidths measured bytes a second, by the peer's address
/// @param executing seconds that each running task has been running, by key as decoded
/// @param taskCounts the worker's tasks by its own states: `waiting` for inputs, `ready` for a thread, `executing` …
/// @param lastSeen seconds since 1970
public record WorkerGauges(
        String address,
        double cpuPercent,
        long processBytes,
        long spilledMemoryBytes,
        long spilledDiskBytes,
        long unmanagedOldBytes,
        double readBytesPerSecond,
        double writeBytesPerSecond,
        long incomingBytes,
        long outgoingBytes,
        long incomingTotal,
        long outgoingTotal,
        Map<?, ?> bandwidths,
        Map<?, ?> executing,
        Map<?, ?> taskCounts,
        double lastSeen) {

    static WorkerGauges of(WorkerInfo worker) {
        return of(
                worker.address(), worker.metrics(), worker.executing(), worker.unmanagedOldBytes(), worker.lastSeen());
    }

    /// @param metrics of its last heartbeat, as decoded
    public static WorkerGauges of(
            String address, Map<?, ?> metrics, Map<?, ?> executing, long unmanagedOldBytes, double lastSeen) {
        Map<?, ?> spilled = map(metrics.get("spilled_bytes"));
        Map<?, ?> transfer = map(metrics.get("transfer"));
        Map<?, ?> network = map(metrics.get("host_net_io"));
        return new WorkerGauges(
                address,
                number(metrics.get("cpu")),
                (long) number(metrics.get("memory")),
                (long) number(spilled.get("memory")),
                (long) number(spilled.get("disk")),
                unmanagedOldBytes,
                number(network.get("read_bps")),
                number(network.get("write_bps")),
                (long) number(transfer.get("incoming_bytes")),
                (long) number(transfer.get("outgoing_bytes")),
                (long) number(transfer.get("incoming_count_total")),
                (long) number(transfer.get("outgoing_count_total")),
                map(map(metrics.get("bandwidth")).get("workers")),
                executing,
                map(metrics.get("task_counts")),
                lastSeen);
    }

    /// Its tasks in one of its own states.
    long tasks(String state) {
        return (long) number(taskCounts.get(state));
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /// Finite and not negative, whatever the worker said.
    static double number(@Nullable Object value) {
        double number = value instanceof Number given ? given.doubleValue() : 0;
        return number > 0 && number < Double.POSITIVE_INFINITY ? number : 0;
    }
}
