package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import io.github.daskjvm.monitoring.status.WorkerGauges;
import io.github.daskjvm.scheduler.peers.UnmanagedMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What workers said in their last heartbeats, with what follows from earlier ones: how much of a worker's memory that
/// is not results has been there for a while. For one thread.
final class GaugesHistory {
    private Map<String, UnmanagedMemory> workers = new HashMap<>();

    void clear() {
        workers = new HashMap<>();
    }

    List<WorkerGauges> gauges(ClusterView cluster) {
        Map<String, UnmanagedMemory> present =
                HashMap.newHashMap(cluster.workers().size());
        List<WorkerGauges> gauges = new ArrayList<>(cluster.workers().size());
        for (WorkerView worker : cluster.workers()) {
            UnmanagedMemory unmanaged = workers.getOrDefault(worker.address(), new UnmanagedMemory());
            present.put(worker.address(), unmanaged);
            long process = RemoteSnapshot.count(worker.metrics().get("memory"));
            long managed = RemoteSnapshot.count(worker.metrics().get("managed_bytes"));
            unmanaged.add(worker.lastSeenSeconds(), Math.max(0, process - managed));
            gauges.add(WorkerGauges.of(
                    worker.address(), worker.metrics(), Map.of(), unmanaged.oldBytes(), worker.lastSeenSeconds()));
        }
        workers = present;
        return List.copyOf(gauges);
    }
}
