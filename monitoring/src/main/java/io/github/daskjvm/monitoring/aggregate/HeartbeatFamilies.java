package io.github.daskjvm.monitoring.aggregate;

import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a worker says of itself in heartbeats as metric families: under the names of Dask's own worker metrics where
/// it means the same, under names of ours where Dask has none. Source of the fields: `Worker.get_metrics`. A field that
/// is missing, or no number, gives no sample.
final class HeartbeatFamilies {
    private final FamilyList families;
    private final WorkerView worker;
    private final Map<?, ?> metrics;

    private HeartbeatFamilies(FamilyList families, WorkerView worker) {
        this.families = families;
        this.worker = worker;
        this.metrics = worker.metrics();
    }

    static List<Family> of(String namespace, WorkerView worker) {
        var families = new FamilyList(namespace + "_worker_");
        var heartbeat = new HeartbeatFamilies(families, worker);
        families.gauge("threads", "Number of worker threads", worker.nthreads());
        if (worker.memoryLimitBytes() > 0) {
            families.gauge("memory_limit_bytes", "Memory that the worker may use", worker.memoryLimitBytes());
        }
        heartbeat.addTasks();
        heartbeat.addMemory();
        heartbeat.addTransfers();
        heartbeat.addProcess();
        heartbeat.addHost();
        return families.families();
    }

    private void addTasks() {
        Map<?, ?> counts = Values.map(metrics.get("task_counts"));
        if (!(metrics.get("task_counts") instanceof Map<?, ?>)) {
            return;
        }
        FamilyList.Samples tasks = families.gauges("tasks", "Number of tasks at worker.");
        counts.forEach((state, count) -> {
            if (state instanceof String name && count instanceof Number number) {
                tasks.add(number.doubleValue(), "state", name);
            }
        });
    }

    /// Dask's three kinds: `managed` is what results take in memory, at most all of the process' memory.
    private void addMemory() {
        if (!(metrics.get("memory") instanceof Number process)) {
            return;
        }
        double processBytes = process.doubleValue();
        Map<?, ?> spilled = Values.map(metrics.get("spilled_bytes"));
        double managed = Math.clamp(
                Values.number(metrics.get("managed_bytes")) - Values.number(spilled.get("memory")),
                0,
                Math.max(0, processBytes));
        families.gauges("memory_bytes", "Memory breakdown")
                .add(managed, "type", "managed")
                .add(processBytes - managed, "type", "unmanaged")
                .add(Values.number(spilled.get("disk")), "type", "spilled");
        // A JVM worker's memory is what its heap holds; what its process takes it says besides.
        double resident = metrics.get("resident_memory") instanceof Number own ? own.doubleValue() : processBytes;
        families.plain("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", resident);
    }

    private void addTransfers() {
        Map<?, ?> transfer = Values.map(metrics.get("transfer"));
        for (String direction : new String[] {"incoming", "outgoing"}) {
            String from = direction.equals("incoming") ? "from" : "to";
            if (transfer.get(direction + "_bytes") instanceof Number bytes) {
                families.gauge(
                        "transfer_" + direction + "_bytes",
                        "Total size of open data transfers " + from + " other workers",
                        bytes.doubleValue());
            }
            if (transfer.get(direction + "_count") instanceof Number count) {
                families.untyped(
                        "transfer_" + direction + "_count",
                        "Number of open data transfers " + from + " other workers",
                        count.doubleValue());
            }
            if (transfer.get(direction + "_count_total") instanceof Number count) {
                families.counter(
                        "transfer_" + direction + "_count_total",
                        "Total number of data transfers " + from + " other workers since the worker was started",
                        count.doubleValue());
            }
        }
    }

    private void addProcess() {
        Object cpuPercent = metrics.get("cpu");
        if (cpuPercent instanceof Number percent) {
            families.gauge("cpu_cores", "Cores that the worker's process keeps busy", percent.doubleValue() / 100);
        }
        gauge(
                "event_loop_interval_seconds",
                "Average time between two rounds of the event loop",
                "event_loop_interval");
        Object bandwidth = Values.map(metrics.get("bandwidth")).get("total");
        if (bandwidth instanceof Number bytes) {
            families.gauge(
                    "bandwidth_bytes_per_second",
                    "Moving average of the bandwidth of transfers from other workers",
                    bytes.doubleValue());
        }
        if (metrics.get("num_fds") instanceof Number open) {
            families.plain("process_open_fds", "gauge", "Number of open file descriptors.", open.doubleValue());
        }
    }

    private void addHost() {
        rates("host_net_io", "network", "over the network");
        rates("host_disk_io", "disk", "from and to disks");
    }

    private void rates(String field, String name, String where) {
        Map<?, ?> io = Values.map(metrics.get(field));
        String help = "Bytes a second that the worker's whole machine moves " + where;
        for (String direction : new String[] {"read", "write"}) {
            if (io.get(direction + "_bps") instanceof Number rate) {
                families.gauge("host_" + name + "_" + direction + "_bytes_per_second", help, rate.doubleValue());
            }
        }
    }

    private void gauge(String name, String help, String field) {
        @Nullable Object value = metrics.get(field);
        if (value instanceof Number number) {
            families.gauge(name, help, number.doubleValue());
        }
    }
}
