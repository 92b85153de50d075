package io.github.daskjvm.monitoring;

import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import java.util.Map;

/// A worker's snapshot as metric families, by the names and with the labels of Dask 2024.12 and 2026.7, and
/// `connections`, which only the Dask of 2019 had.
///
/// The three medians are medians, as their names say, over about the last minute. (Dask itself exports the largest
/// value instead, by a slip in the quantile it asks for, and only where an optional package is installed.)
final class WorkerFamilies {
    private WorkerFamilies() {}

    static void add(Families families, WorkerSnapshot snapshot, MetricOptions.Form form) {
        addTasks(families, snapshot, form);
        families.gauge(
                "connections", "Number of workers from which data is being fetched now", snapshot.fetchingFrom());
        families.gauge(
                "concurrent_fetch_requests", "The same by the name that it had until 2024.12", snapshot.fetchingFrom());
        families.gauge("threads", "Number of worker threads", snapshot.threads());
        families.gauge("latency_seconds", "Latency of worker connection", snapshot.latencySeconds());
        addMemory(families, snapshot.memory());
        addTransfers(families, snapshot);
        addTimes(families, snapshot);
        addMeasured(families, snapshot.measured());
        addOperations(families, snapshot.measured());
        SpillFamilies.add(families, snapshot.spills(), form);
    }

    /// The states of 2019 are `stored` (results held, in memory or on disk), `executing`, `ready`, `waiting`, and
    /// `serving`, which counts connections, not tasks.
    private static void addTasks(Families families, WorkerSnapshot snapshot, MetricOptions.Form form) {
        Families.Samples tasks = families.gauges("tasks", "Number of tasks at worker.");
        Map<String, Integer> states = snapshot.tasksByState();
        if (form == MetricOptions.Form.DASK_2019) {
            tasks.add(count(states, "memory") + count(states, "disk"), "state", "stored");
            tasks.add(count(states, "executing"), "state", "executing");
            tasks.add(count(states, "ready"), "state", "ready");
            tasks.add(count(states, "waiting"), "state", "waiting");
            tasks.add(snapshot.incomingConnections(), "state", "serving");
        } else {
            for (Map.Entry<String, Integer> entry : states.entrySet()) {
                tasks.add(entry.getValue(), "state", entry.getKey());
            }
        }
    }

    private static int count(Map<String, Integer> states, String state) {
        return states.getOrDefault(state, 0);
    }

    private static void addMemory(Families families, WorkerSnapshot.Memory memory) {
        families.gauges("memory_bytes", "Memory breakdown")
                .add(memory.managedBytes(), "type", "managed")
                .add(Math.max(0, memory.processBytes() - memory.managedBytes()), "type", "unmanaged")
                .add(memory.spilledDiskBytes(), "type", "spilled");
    }

    private static void addTransfers(Families families, WorkerSnapshot snapshot) {
        WorkerSnapshot.Transfers incoming = snapshot.incoming();
        WorkerSnapshot.Transfers outgoing = snapshot.outgoing();
        families.gauge(
                "transfer_incoming_bytes", "Total size of open data transfers from other workers", incoming.bytes());
        families.untyped(
                "transfer_incoming_count", "Number of open data transfers from other workers", incoming.count());
        families.counter(
                "transfer_incoming_count",
                "Total number of data transfers from other workers since the worker was started",
                incoming.countTotal());
        families.gauge(
                "transfer_outgoing_bytes", "Total size of open data transfers to other workers", outgoing.bytes());
        families.untyped("transfer_outgoing_count", "Number of open data transfers to other workers", outgoing.count());
        families.counter(
                "transfer_outgoing_bytes",
                "Total size of data transfers to other workers since the worker was started",
                outgoing.bytesTotal());
        families.counter(
                "transfer_outgoing_count",
                "Total number of data transfers to other workers since the worker was started",
                outgoing.countTotal());
    }

    private static void addTimes(Families families, WorkerSnapshot snapshot) {
        families.gauge(
                "tick_duration_median_seconds",
                "Median time between two rounds of the event loop over about the last minute",
                snapshot.tickMedianSeconds());
        families.gauge(
                "task_duration_median_seconds",
                "Median duration of the tasks executed over about the last minute",
                snapshot.taskMedianSeconds());
        families.gauge(
                "transfer_bandwidth_median_bytes",
                "Median bandwidth of transfers from other workers over about the last minute, in bytes a second",
                snapshot.bandwidthMedianBytesPerSecond());
        families.gauge(
                "tick_duration_maximum_seconds",
                "Longest time between two rounds of the event loop over about the last minute",
                snapshot.tickMaximumSeconds());
        families.counter("tick_count", "Rounds of the event loop since the worker started", snapshot.ticks());
    }

    private static void addOperations(Families families, WorkerSnapshot.Measured measured) {
        new HandlerFamilies(families)
                .add(
                        "rpc",
                        measured.operations().stream()
                                .map(op -> new OpFigures(op.op(), op.calls(), op.failures(), op.nanos()))
                                .toList());
        families.gauges("labels_in_other", LabelNames.IN_OTHER_HELP)
                .add(measured.otherOperations(), "label", LabelNames.OP);
    }

    /// What Dask's page does not have.
    private static void addMeasured(Families families, WorkerSnapshot.Measured measured) {
        families.gauges("info", "Which worker this is")
                .add(
                        1,
                        "address",
                        measured.address(),
                        "java_version",
                        System.getProperty("java.version"),
                        "worker_name",
                        measured.name());
        families.histograms("task_duration_seconds", "Time that tasks took to compute", Buckets.LONG)
                .add(measured.taskSeconds());
        families.histograms(
                        "transfer_incoming_duration_seconds",
                        "Time that data transfers from other workers took",
                        Buckets.LONG)
                .add(measured.transferSeconds());
        families.counter(
                "compute_seconds",
                "Time that tasks took to compute, added when they end",
                measured.taskSeconds().sum());
        families.counter("compute_cpu_seconds", "Time of that on a processor", measured.computeCpuSeconds());
        families.counter("thread_seconds", "Time that threads were there to compute in", measured.threadSeconds());
    }
}
