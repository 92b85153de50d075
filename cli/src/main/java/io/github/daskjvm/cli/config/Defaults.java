package io.github.daskjvm.cli.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Dask's defaults for the keys that are used here (its `distributed.yaml`, 2024.12.1), and its renamed keys.
final class Defaults {
    private static final String LOW_LEVEL_LOG_LENGTH = "distributed.admin.low-level-log-length";

    /// Old key to new key; `dask.config.rename`.
    static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("allowed-failures", "distributed.scheduler.allowed-failures"),
            Map.entry("bandwidth", "distributed.scheduler.bandwidth"),
            Map.entry("work-stealing", "distributed.scheduler.work-stealing"),
            Map.entry("worker-ttl", "distributed.scheduler.worker-ttl"),
            Map.entry("worker-memory-terminate", "distributed.worker.memory.terminate"),
            Map.entry("connect-timeout", "distributed.comm.timeouts.connect"),
            Map.entry("default-scheme", "distributed.comm.default-scheme"),
            Map.entry("diagnostics-link", "distributed.dashboard.link"),
            Map.entry("log-length", "distributed.admin.log-length"),
            Map.entry("transition-log-length", LOW_LEVEL_LOG_LENGTH),
            Map.entry("distributed.scheduler.transition-log-length", LOW_LEVEL_LOG_LENGTH),
            Map.entry("distributed.scheduler.events-log-length", LOW_LEVEL_LOG_LENGTH));

    private Defaults() {}

    static Node.Branch tree() {
        var values = new HashMap<String, @Nullable Object>();
        values.put(LOW_LEVEL_LOG_LENGTH, 1_000L);
        values.put("distributed.admin.log-length", 10_000L);
        values.put("distributed.scheduler.dashboard.status.task-stream-length", 1_000L);
        values.put("distributed.scheduler.dashboard.tasks.task-stream-length", 100_000L);
        values.put("distributed.scheduler.allowed-failures", 3L);
        values.put("distributed.scheduler.bandwidth", 100_000_000L);
        values.put("distributed.scheduler.blocked-handlers", List.of());
        values.put("distributed.scheduler.events-cleanup-delay", "1h");
        values.put("distributed.scheduler.idle-timeout", null);
        values.put("distributed.scheduler.locks.lease-validation-interval", "10s");
        values.put("distributed.scheduler.no-workers-timeout", null);
        values.put("distributed.scheduler.worker-saturation", 1.1);
        values.put("distributed.scheduler.worker-ttl", "5 minutes");
        values.put("distributed.scheduler.rootish-taskgroup", 5L);
        values.put("distributed.scheduler.rootish-taskgroup-dependencies", 5L);
        values.put("distributed.scheduler.unknown-task-duration", "500ms");
        values.put("distributed.scheduler.default-task-durations.rechunk-split", "1us");
        values.put("distributed.scheduler.default-task-durations.split-shuffle", "1us");
        values.put("distributed.scheduler.default-task-durations.split-taskshuffle", "1us");
        values.put("distributed.scheduler.default-task-durations.split-stage", "1us");
        values.put("distributed.scheduler.work-stealing", true);
        values.put("distributed.scheduler.work-stealing-interval", "100ms");
        values.put("distributed.scheduler.validate", false);
        values.put("distributed.scheduler.active-memory-manager.start", true);
        values.put("distributed.scheduler.active-memory-manager.interval", "2s");
        values.put("distributed.scheduler.active-memory-manager.measure", "optimistic");
        values.put(
                "distributed.scheduler.active-memory-manager.policies",
                List.of(Map.of("class", "distributed.active_memory_manager.ReduceReplicas")));
        values.put("distributed.worker.memory.recent-to-old-time", "30s");
        values.put("distributed.worker.memory.target", 0.60);
        values.put("distributed.worker.memory.spill", 0.70);
        values.put("distributed.worker.memory.pause", 0.80);
        values.put("distributed.worker.memory.terminate", 0.95);
        values.put("distributed.worker.memory.max-spill", false);
        values.put("distributed.worker.memory.spill-compression", "auto");
        values.put("distributed.worker.memory.monitor-interval", "100ms");
        values.put("distributed.worker.use-file-locking", true);
        values.put("distributed.worker.lifetime.duration", null);
        values.put("distributed.worker.profile.enabled", true);
        values.put("distributed.worker.profile.interval", "10ms");
        values.put("distributed.worker.profile.cycle", "1000ms");
        values.put("distributed.worker.lifetime.stagger", "0 seconds");
        values.put("distributed.worker.lifetime.restart", false);
        values.put("distributed.worker.memory.rebalance.measure", "optimistic");
        values.put("distributed.worker.memory.rebalance.sender-min", 0.3);
        values.put("distributed.worker.memory.rebalance.recipient-max", 0.6);
        values.put("distributed.worker.memory.rebalance.sender-recipient-gap", 0.1);
        values.put("distributed.worker.connections.outgoing", 50L);
        values.put("distributed.worker.connections.incoming", 10L);
        values.put("distributed.worker.transfer.message-bytes-limit", "50MB");
        values.put("distributed.worker.memory.transfer", 0.1);
        values.put("distributed.comm.default-scheme", "tcp");
        values.put("distributed.comm.timeouts.connect", "30s");
        values.put("distributed.diagnostics.computations.max-history", 100L);
        values.put("distributed.dashboard.link", "{scheme}://{host}:{port}/status");
        values.put("distributed.dashboard.prometheus.namespace", "dask");
        values.put("distributed.dashboard.prometheus.form", "today");
        values.put("distributed.dashboard.prometheus.unlabelled", false);
        var tree = new Node.Branch();
        values.forEach((path, value) -> tree.set(path.split("\\."), new Node.Leaf(value, "Dask's defaults")));
        return tree;
    }
}
