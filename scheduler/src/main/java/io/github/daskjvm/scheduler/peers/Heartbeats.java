package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the core wants of a heartbeat.
final class Heartbeats {
    private Heartbeats() {}

    static Event.WorkerHeartbeat event(String address, Fields request, Map<?, ?> metrics, Map<?, ?> executing)
            throws BadMessageException {
        Map<TaskKey, Double> running = LinkedHashMap.newLinkedHashMap(executing.size());
        for (Map.Entry<?, ?> entry : executing.entrySet()) {
            if (!(entry.getValue() instanceof Number seconds)) {
                throw request.wrong("executing", "a map from keys to seconds");
            }
            running.put(Wire.key(entry.getKey(), request, "executing"), seconds.doubleValue());
        }
        double bandwidth =
                metrics.get("bandwidth") instanceof Map<?, ?> measured && measured.get("total") instanceof Number total
                        ? total.doubleValue()
                        : Double.NaN;
        long memory = bytes(metrics.get("memory"));
        Map<?, ?> spilled = metrics.get("spilled_bytes") instanceof Map<?, ?> map ? map : Map.of();
        return new Event.WorkerHeartbeat(
                address,
                running,
                bandwidth,
                memory,
                bytes(spilled.get("memory")),
                bytes(spilled.get("disk")),
                WorkerMetrics.ofSpans(request.mappingOrEmpty("extensions")));
    }

    private static long bytes(@Nullable Object value) {
        return value instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }
}
