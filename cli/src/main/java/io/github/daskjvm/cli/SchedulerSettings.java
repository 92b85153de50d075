package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.core.scheduler.MemoryMeasure;
import io.github.daskjvm.core.scheduler.MemoryPolicy;
import io.github.daskjvm.core.scheduler.PlacementPolicy;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.TransitionLog;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The scheduler's part of Dask's configuration.
final class SchedulerSettings {
    private static final String BASE = "distributed.scheduler.";
    private static final String REDUCE_REPLICAS = "distributed.active_memory_manager.ReduceReplicas";

    private static final int COMPUTATIONS_MAX = 10_000;
    private static final int TASK_STREAM_MAX = 1_000_000;

    /// Zero means none to the state machine, and at once in Dask's configuration.
    private static final Duration AT_ONCE = Duration.ofNanos(1);

    private SchedulerSettings() {}

    /// @throws io.github.daskjvm.cli.config.ConfigException for a value that can not be used
    static SchedulerConfig core(DaskConfig config) {
        SchedulerConfig defaults = SchedulerConfig.DEFAULT;
        return new SchedulerConfig(
                count(config, BASE + "allowed-failures", defaults.allowedFailures()),
                config.positive(BASE + "worker-saturation").orElse(defaults.workerSaturation()),
                config.duration(BASE + "unknown-task-duration").orElse(defaults.unknownTaskDuration()),
                Map.copyOf(config.durations(BASE + "default-task-durations")),
                noWorkersTimeout(config),
                config.flag(BASE + "work-stealing"),
                config.interval(BASE + "work-stealing-interval").orElse(defaults.workStealingInterval()),
                config.bytes(BASE + "bandwidth").orElse((long) defaults.bandwidthBytesPerSecond()),
                config.flag(BASE + "validate"),
                length(config, "distributed.admin.low-level-log-length", TransitionLog.LENGTH_MAX),
                length(config, "distributed.diagnostics.computations.max-history", COMPUTATIONS_MAX),
                placement(config),
                memory(config));
    }

    private static PlacementPolicy placement(DaskConfig config) {
        PlacementPolicy defaults = PlacementPolicy.DEFAULT;
        return new PlacementPolicy(
                count(config, BASE + "rootish-taskgroup", defaults.rootishTaskGroup()),
                count(config, BASE + "rootish-taskgroup-dependencies", defaults.rootishTaskGroupDependencies()),
                config.isOn("distributed.worker.memory.terminate"));
    }

    private static int count(DaskConfig config, String key, int otherwise) {
        return (int) Math.min(Integer.MAX_VALUE, config.count(key).orElse(otherwise));
    }

    /// The longer of the two lengths that Dask's dashboard has, as there.
    static int taskStreamLength(DaskConfig config) {
        int status = length(config, BASE + "dashboard.status.task-stream-length", TASK_STREAM_MAX);
        return Math.max(status, length(config, BASE + "dashboard.tasks.task-stream-length", TASK_STREAM_MAX));
    }

    /// Of a log; none means as long as may be.
    private static int length(DaskConfig config, String key, int max) {
        return (int) Math.min(max, config.count(key).orElse(max));
    }

    private static MemoryPolicy memory(DaskConfig config) {
        MemoryPolicy defaults = MemoryPolicy.DEFAULT;
        MemoryPolicy.Rebalance rebalance = defaults.rebalance();
        String manager = BASE + "active-memory-manager.";
        String memory = "distributed.worker.memory.";
        return new MemoryPolicy(
                config.flag(manager + "start"),
                config.duration(manager + "interval").orElse(defaults.interval()),
                measure(config, manager + "measure"),
                reducesReplicas(config, manager + "policies"),
                config.duration(memory + "recent-to-old-time").orElse(defaults.recentToOld()),
                new MemoryPolicy.Rebalance(
                        measure(config, memory + "rebalance.measure"),
                        config.fraction(memory + "rebalance.sender-min").orElse(rebalance.senderMin()),
                        config.fraction(memory + "rebalance.recipient-max").orElse(rebalance.recipientMax()),
                        config.fraction(memory + "rebalance.sender-recipient-gap")
                                .orElse(rebalance.gap())));
    }

    private static MemoryMeasure measure(DaskConfig config, String key) {
        return config.word(
                        key,
                        "must be one of "
                                + Arrays.stream(MemoryMeasure.values())
                                        .map(MemoryMeasure::wireName)
                                        .collect(Collectors.joining(", ")),
                        name -> MemoryMeasure.ofWireName(name).orElse(null))
                .orElse(MemoryMeasure.OPTIMISTIC);
    }

    /// Of Dask's own policies the configuration may name this one; `RetireWorker` comes and goes with workers.
    private static boolean reducesReplicas(DaskConfig config, String key) {
        List<Map<?, ?>> policies = config.mappings(key);
        for (Map<?, ?> policy : policies) {
            if (!REDUCE_REPLICAS.equals(policy.get("class"))) {
                throw new ConfigException("the setting " + key + " names the policy '" + policy.get("class")
                        + "', which is Python and can not run in this scheduler; it has " + REDUCE_REPLICAS
                        + " built in. Leave the policy out, or run a Python scheduler");
            }
        }
        return !policies.isEmpty();
    }

    private static Duration noWorkersTimeout(DaskConfig config) {
        Duration timeout = config.duration(BASE + "no-workers-timeout").orElse(null);
        if (timeout == null) {
            return Duration.ZERO;
        }
        return timeout.isZero() ? AT_ONCE : timeout;
    }
}
