package io.github.daskjvm.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a scheduler says of itself and its workers: the reply to Dask's `identity`.
///
/// @param startedSeconds when it started, in seconds since 1970
/// @param services ports by name, such as `dashboard`, the port of its HTTP server
public record SchedulerInfo(
        String id, String address, double startedSeconds, Map<String, Integer> services, List<WorkerInfo> workers) {

    /// One worker as its scheduler sees it.
    ///
    /// @param memoryLimitBytes 0 for none
    /// @param status Dask's name: `running`, `paused`, `closing_gracefully`, …
    /// @param services ports by name, such as `dashboard`, the port of its HTTP server
    public record WorkerInfo(
            String address,
            String name,
            int nthreads,
            long memoryLimitBytes,
            String status,
            Map<String, Integer> services) {}

    /// Threads of all workers.
    public int nthreads() {
        int sum = 0;
        for (WorkerInfo worker : workers) {
            sum += worker.nthreads;
        }
        return sum;
    }

    static SchedulerInfo of(@Nullable Object reply) {
        Map<?, ?> identity = reply instanceof Map<?, ?> map ? map : Map.of();
        List<WorkerInfo> workers = new ArrayList<>();
        if (identity.get("workers") instanceof Map<?, ?> all) {
            all.forEach((address, worker) -> {
                Map<?, ?> fields = worker instanceof Map<?, ?> map ? map : Map.of();
                workers.add(new WorkerInfo(
                        String.valueOf(address),
                        String.valueOf(fields.get("name")),
                        (int) number(fields.get("nthreads")),
                        (long) number(fields.get("memory_limit")),
                        String.valueOf(fields.get("status")),
                        ports(fields.get("services"))));
            });
        }
        return new SchedulerInfo(
                String.valueOf(identity.get("id")),
                String.valueOf(identity.get("address")),
                number(identity.get("started")),
                ports(identity.get("services")),
                List.copyOf(workers));
    }

    private static double number(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }

    private static Map<String, Integer> ports(@Nullable Object services) {
        Map<String, Integer> ports = new java.util.TreeMap<>();
        if (services instanceof Map<?, ?> map) {
            map.forEach((name, port) -> ports.put(String.valueOf(name), (int) number(port)));
        }
        return ports;
    }
}
