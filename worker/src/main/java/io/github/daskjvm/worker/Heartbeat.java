package io.github.daskjvm.worker;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.core.worker.WorkerSnapshot.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Tells the scheduler from time to time how the worker does, on a virtual thread of its own.
final class Heartbeat {
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
    private static final double INTERVAL_FIRST_SECONDS = 0.5;

    private final ProcessMetrics process = new ProcessMetrics();
    private final Measurements measurements;
    private final WorkerMemory memory;
    private Map<Object, Number> ofSpans = Map.of();

    Heartbeat(Measurements measurements, WorkerMemory memory) {
        this.measurements = measurements;
        this.memory = memory;
    }

    /// The `metrics` of a heartbeat or registration.
    Map<String, Object> metrics(WorkerLoop.Published published) {
        var metrics = new LinkedHashMap<String, Object>();
        metrics.put("task_counts", memory.taskCounts(published));
        FineMetrics.Taken fine = measurements.takeFineMetrics();
        ofSpans = fine.ofSpans();
        // Values come as bytes, of types that only those know who read them.
        metrics.put(
                "bandwidth",
                Map.of(
                        "total",
                        measurements.bandwidthBytesPerSecond(),
                        "workers",
                        measurements.takePeerBandwidths(),
                        "types",
                        Map.of()));
        metrics.put("digests_total_since_heartbeat", fine.digests());
        metrics.put("managed_bytes", memory.store().sizeBytes());
        WorkerSnapshot.Memory figures = memory.figures();
        metrics.put("spilled_bytes", Map.of("memory", figures.spilledBytes(), "disk", figures.spilledDiskBytes()));
        metrics.put("transfer", transfers(published));
        metrics.put("event_loop_interval", measurements.tickAverageSeconds());
        metrics.putAll(process.sample());
        metrics.put("memory", figures.processBytes());
        return metrics;
    }

    private Map<String, Object> transfers(WorkerLoop.Published published) {
        Transfers incoming = measurements.incomingTransfers(published.bytesInFlight(), published.peersInFlight());
        Transfers outgoing = measurements.outgoingTransfers();
        var transfers = new LinkedHashMap<String, Object>();
        transfers.put("incoming_bytes", incoming.bytes());
        transfers.put("incoming_count", incoming.count());
        transfers.put("incoming_count_total", incoming.countTotal());
        transfers.put("outgoing_bytes", outgoing.bytes());
        transfers.put("outgoing_count", outgoing.count());
        transfers.put("outgoing_count_total", outgoing.countTotal());
        return transfers;
    }

    /// Beats until it is told to stop, or the scheduler does not know the worker.
    ///
    /// @param onUnknown told when the scheduler says so
    void run(
            RpcPool pool,
            String scheduler,
            String address,
            WorkerLoop loop,
            BooleanSupplier stopped,
            WorkerLog log,
            Consumer<String> onUnknown) {
        double intervalSeconds = INTERVAL_FIRST_SECONDS;
        while (!stopped.getAsBoolean()) {
            try {
                Thread.sleep((long) (1000 * Math.clamp(intervalSeconds, 0.01, 600)));
                if (stopped.getAsBoolean()) {
                    return;
                }
                long startNanos = System.nanoTime();
                Object reply = pool.call(scheduler, message(address, loop), REPLY_TIMEOUT);
                measurements.latency((System.nanoTime() - startNanos) / 1e9);
                if (!(reply instanceof Map<?, ?> map)) {
                    log.warn("the scheduler answered a heartbeat with " + reply);
                } else if ("missing".equals(map.get("status"))) {
                    onUnknown.accept("the scheduler does not know this worker any more");
                    return;
                } else if (map.get("heartbeat-interval") instanceof Number seconds) {
                    intervalSeconds = seconds.doubleValue();
                }
            } catch (IOException | RpcFailure e) {
                if (!stopped.getAsBoolean()) {
                    log.warn("a heartbeat failed: " + e.getMessage());
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private Map<String, Object> message(String address, WorkerLoop loop) {
        var executing = new LinkedHashMap<Object, Object>();
        for (TaskRun run : loop.running()) {
            executing.put(run.key().value(), run.runningSeconds());
        }
        var message = new LinkedHashMap<String, Object>();
        message.put("op", "heartbeat_worker");
        message.put("address", address);
        message.put("now", System.currentTimeMillis() / 1000.0);
        message.put("metrics", metrics(loop.published()));
        message.put("executing", executing);
        message.put("extensions", ofSpans.isEmpty() ? Map.of() : Map.of("spans", ofSpans));
        return message;
    }
}
