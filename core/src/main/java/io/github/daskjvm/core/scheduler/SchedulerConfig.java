package io.github.daskjvm.core.scheduler;

import java.time.Duration;
import java.util.Map;

/// The settings that decide what the scheduler does, by Dask's configuration keys below `distributed.scheduler`
/// where nothing else is said.
///
/// @param allowedFailures `allowed-failures`: workers that may die with a task before it is erred
/// @param workerSaturation `worker-saturation`: root tasks a thread is given ahead; infinite for no queuing
/// @param unknownTaskDuration `unknown-task-duration`
/// @param defaultTaskDurations `default-task-durations`, by prefix
/// @param noWorkersTimeout `no-workers-timeout`; zero for none
/// @param workStealing `work-stealing`: whether idle workers may take tasks off busy ones
/// @param workStealingInterval `work-stealing-interval`: time between looks for that
/// @param bandwidthBytesPerSecond `bandwidth`, the assumption until workers have measured
/// @param validate `validate`: check every invariant after every batch
/// @param transitionLogLength `distributed.admin.low-level-log-length`: transitions kept for stories
/// @param computationHistory `distributed.diagnostics.computations.max-history`: computations kept
/// @param placement which tasks are root tasks, and which are refused
/// @param memory how copies of results are looked after
public record SchedulerConfig(
        int allowedFailures,
        double workerSaturation,
        Duration unknownTaskDuration,
        Map<String, Duration> defaultTaskDurations,
        Duration noWorkersTimeout,
        boolean workStealing,
        Duration workStealingInterval,
        double bandwidthBytesPerSecond,
        boolean validate,
        int transitionLogLength,
        int computationHistory,
        PlacementPolicy placement,
        MemoryPolicy memory) {

    /// Dask's default of `distributed.admin.low-level-log-length`.
    public static final int LOG_LENGTH = 1_000;

    /// Dask's default of `distributed.diagnostics.computations.max-history`.
    public static final int COMPUTATION_HISTORY = 100;

    /// Dask's own defaults.
    public static final SchedulerConfig DEFAULT = new SchedulerConfig(
            3,
            1.1,
            Duration.ofMillis(500),
            Map.of(
                    "rechunk-split", Duration.ofNanos(1_000),
                    "split-shuffle", Duration.ofNanos(1_000),
                    "split-taskshuffle", Duration.ofNanos(1_000),
                    "split-stage", Duration.ofNanos(1_000)),
            Duration.ZERO,
            true,
            Duration.ofMillis(100),
            100e6,
            false,
            LOG_LENGTH,
            COMPUTATION_HISTORY,
            PlacementPolicy.DEFAULT,
            MemoryPolicy.DEFAULT);

    /// With Dask's defaults for work stealing, the length of the transition log, root tasks and copies of results.
    public SchedulerConfig(
            int allowedFailures,
            double workerSaturation,
            Duration unknownTaskDuration,
            Map<String, Duration> defaultTaskDurations,
            Duration noWorkersTimeout,
            double bandwidthBytesPerSecond,
            boolean validate) {
        this(
                allowedFailures,
                workerSaturation,
                unknownTaskDuration,
                defaultTaskDurations,
                noWorkersTimeout,
                true,
                Duration.ofMillis(100),
                bandwidthBytesPerSecond,
                validate,
                LOG_LENGTH,
                COMPUTATION_HISTORY,
                PlacementPolicy.DEFAULT,
                MemoryPolicy.DEFAULT);
    }

    public SchedulerConfig withValidate(boolean on) {
        return new SchedulerConfig(
                allowedFailures,
                workerSaturation,
                unknownTaskDuration,
                defaultTaskDurations,
                noWorkersTimeout,
                workStealing,
                workStealingInterval,
                bandwidthBytesPerSecond,
                on,
                transitionLogLength,
                computationHistory,
                placement,
                memory);
    }
}
