package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A worker as the scheduler sees it, and as it sees itself.
record WorkerRow(WorkerSnapshot state, WorkerGauges said) {

    static List<WorkerRow> of(SchedulerSnapshot snapshot, List<WorkerGauges> gauges) {
        Map<String, WorkerGauges> byAddress = HashMap.newHashMap(gauges.size());
        for (WorkerGauges worker : gauges) {
            byAddress.put(worker.address(), worker);
        }
        List<WorkerRow> rows = new ArrayList<>(snapshot.workers().size());
        for (WorkerSnapshot worker : snapshot.workers()) {
            WorkerGauges said = byAddress.get(worker.address());
            rows.add(new WorkerRow(worker, said == null ? nothing(worker.address()) : said));
        }
        return rows;
    }

    private static WorkerGauges nothing(String address) {
        return new WorkerGauges(address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of(), Map.of(), 0);
    }

    long processBytes() {
        return Math.max(state.processMemoryBytes(), 0);
    }

    /// Results in memory. Source of how kinds of memory add up: Dask's `MemoryState`.
    long managedBytes() {
        return Math.clamp(state.storedBytes() - said.spilledMemoryBytes(), 0, processBytes());
    }

    long unmanagedOldBytes() {
        return Math.clamp(said.unmanagedOldBytes(), 0, processBytes() - managedBytes());
    }

    long unmanagedRecentBytes() {
        return processBytes() - managedBytes() - unmanagedOldBytes();
    }

    long spilledBytes() {
        return said.spilledDiskBytes();
    }
}
