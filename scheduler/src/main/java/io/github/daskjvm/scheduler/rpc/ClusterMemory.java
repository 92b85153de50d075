package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The memory of all workers together, in bytes. Source of the measures and of how they add up: Dask's `MemoryState`.
///
/// @param process of the operating system's processes
/// @param managed of results that are held in memory
/// @param spilled of results on disk
/// @param unmanagedOld unmanaged memory that has been there for a while
record ClusterMemory(long process, long managed, long spilled, long unmanagedOld) {

    /// What it is by the latest heartbeats, and by the results that workers hold now.
    static ClusterMemory now(Cluster cluster) {
        Map<String, Long> stored = cluster.loop().query(state -> {
            Map<String, Long> bytes = new HashMap<>();
            for (WorkerEntry worker : state.workers()) {
                bytes.put(worker.address(), worker.storedBytes());
            }
            return bytes;
        });
        long process = 0;
        long managed = 0;
        long spilled = 0;
        long old = 0;
        for (WorkerInfo worker : cluster.workers().all()) {
            long itsProcess = number(worker.metrics().get("memory"));
            Map<?, ?> spills = worker.metrics().get("spilled_bytes") instanceof Map<?, ?> map ? map : Map.of();
            long itsManaged = Math.clamp(
                    stored.getOrDefault(worker.address(), 0L) - number(spills.get("memory")),
                    0,
                    Math.max(0, itsProcess));
            process += itsProcess;
            managed += itsManaged;
            spilled += number(spills.get("disk"));
            old += Math.clamp(worker.unmanagedOldBytes(), 0, Math.max(0, itsProcess - itsManaged));
        }
        return new ClusterMemory(process, managed, spilled, old);
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    /// By Dask's name; empty for a name that is none.
    OptionalLong measure(String name) {
        return switch (name) {
            case "process" -> OptionalLong.of(process);
            case "managed", "managed_in_memory" -> OptionalLong.of(managed);
            case "managed_total" -> OptionalLong.of(managed + spilled);
            case "spilled", "managed_spilled" -> OptionalLong.of(spilled);
            case "unmanaged" -> OptionalLong.of(process - managed);
            case "unmanaged_old" -> OptionalLong.of(unmanagedOld);
            case "unmanaged_recent" -> OptionalLong.of(process - managed - unmanagedOld);
            case "optimistic" -> OptionalLong.of(managed + unmanagedOld);
            default -> OptionalLong.empty();
        };
    }

    Map<String, Object> map() {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name : new String[] {
            "managed",
            "managed_total",
            "optimistic",
            "process",
            "spilled",
            "unmanaged",
            "unmanaged_old",
            "unmanaged_recent"
        }) {
            measure(name).ifPresent(bytes -> map.put(name, bytes));
        }
        return map;
    }
}
