package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.MeasuredSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.scheduler.loop.LoopFigures;

/// What Dask's page does not have: how long things take, as histograms, and how well the cluster is used.
final class MeasuredFamilies {
    private MeasuredFamilies() {}

    static void add(Families families, SchedulerSnapshot snapshot) {
        MeasuredSnapshot measured = snapshot.measured();
        Families.Histograms durations = families.histograms(
                "task_duration_seconds", "Time that tasks took to compute, for each prefix", Buckets.LONG);
        for (PrefixSnapshot prefix : snapshot.prefixes()) {
            if (prefix.durations().count() > 0) {
                durations.add(prefix.durations(), LabelNames.PREFIX, prefix.name());
            }
        }
        if (measured.otherDurations().count() > 0) {
            durations.add(measured.otherDurations(), LabelNames.PREFIX, SchedulerSnapshot.OTHER_PREFIXES);
        }
        families.histograms(
                        "task_transfer_duration_seconds",
                        "Time that workers took to fetch the inputs of a task from others",
                        Buckets.LONG)
                .add(measured.transfers());
        families.histograms(
                        "task_queue_wait_seconds",
                        "Time from when a task could be given to a worker until it was",
                        Buckets.LONG)
                .add(measured.queueWaits());
        families.counter(
                "workers_lost", "Total number of workers that left without having said so", measured.workersLost());
        families.gauge("threads", "Number of threads of all workers", measured.threads());
        families.counter(
                "compute_seconds", "Time that tasks took to compute, added when they end", measured.computeSeconds());
        families.counter(
                "thread_seconds", "Time that threads of workers were there to compute in", measured.threadSeconds());
        families.gauge(
                "efficiency_ratio",
                "Time computing over time available of about the last minute",
                measured.efficiency());
    }

    static void add(Families families, LoopFigures loop) {
        families.histograms(
                        "loop_batch_duration_seconds",
                        "Time that a round of the event loop took: events, placement, and messages written",
                        Buckets.SHORT)
                .add(loop.times().batches());
        families.histograms(
                        "loop_read_duration_seconds",
                        "Time before a round of the event loop to read and decode what came by its streams",
                        Buckets.SHORT)
                .add(loop.times().reads());
        families.histograms(
                        "loop_placement_duration_seconds",
                        "Time of that to decide which worker gets which task",
                        Buckets.SHORT)
                .add(loop.times().placements());
    }
}
