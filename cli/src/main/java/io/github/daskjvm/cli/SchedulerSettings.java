package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.TransitionLog;
import java.time.Duration;
import java.util.Map;

/// The scheduler's part of Dask's configuration.
final class SchedulerSettings {
    private static final String BASE = "distributed.scheduler.";

    /// Zero means none to the state machine, and at once in Dask's configuration.
    private static final Duration AT_ONCE = Duration.ofNanos(1);

    private SchedulerSettings() {}

    /// @throws io.github.daskjvm.cli.config.ConfigException for a value that can not be used
    static SchedulerConfig core(DaskConfig config) {
        SchedulerConfig defaults = SchedulerConfig.DEFAULT;
        return new SchedulerConfig(
                (int) Math.min(
                        Integer.MAX_VALUE,
                        config.count(BASE + "allowed-failures").orElse(defaults.allowedFailures())),
                config.positive(BASE + "worker-saturation").orElse(defaults.workerSaturation()),
                config.duration(BASE + "unknown-task-duration").orElse(defaults.unknownTaskDuration()),
                Map.copyOf(config.durations(BASE + "default-task-durations")),
                noWorkersTimeout(config),
                config.bytes(BASE + "bandwidth").orElse((long) defaults.bandwidthBytesPerSecond()),
                config.flag(BASE + "validate"),
                length(config, "distributed.admin.low-level-log-length", TransitionLog.LENGTH_MAX));
    }

    /// Of a log; none means as long as may be.
    private static int length(DaskConfig config, String key, int max) {
        return (int) Math.min(max, config.count(key).orElse(max));
    }

    private static Duration noWorkersTimeout(DaskConfig config) {
        Duration timeout = config.duration(BASE + "no-workers-timeout").orElse(null);
        if (timeout == null) {
            return Duration.ZERO;
        }
        return timeout.isZero() ? AT_ONCE : timeout;
    }
}
