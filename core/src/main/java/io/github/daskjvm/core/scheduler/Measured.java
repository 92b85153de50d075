package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Histogram;

/// What is measured of tasks, over all of them. Adding costs a few nanoseconds for each task.
final class Measured {
    final Histogram transfers = new Histogram();
    final Histogram queueWaits = new Histogram();
    /// Of the prefixes that came too late to have one of their own.
    final Histogram otherDurations = new Histogram();
    final Efficiency efficiency = new Efficiency();
    private long workersLost;

    /// The task was given to a worker; it could have been since [TaskState#readyNanos].
    void placed(TaskState task, long nowNanos) {
        if (task.readyNanos != 0) {
            queueWaits.add((nowNanos - task.readyNanos) / 1e9);
            task.readyNanos = 0;
        }
    }

    void computed(TaskState task, double seconds, double stop) {
        WorkerEntry worker = task.processingOn;
        efficiency.ended(seconds, worker == null ? 0 : worker.runningSeconds(task.key));
        task.group.prefix.durations.add(seconds, task.key, stop);
    }

    void lost() {
        workersLost++;
    }

    void transferred(TaskState task, double seconds, double stop) {
        transfers.add(seconds, task.key, stop);
    }

    SchedulerSnapshot.MeasuredSnapshot copy(int threads) {
        return new SchedulerSnapshot.MeasuredSnapshot(
                queueWaits.copy(),
                transfers.copy(),
                otherDurations.copy(),
                threads,
                efficiency.computeSeconds,
                efficiency.threadSeconds,
                efficiency.recent(),
                workersLost);
    }
}
