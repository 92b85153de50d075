package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The cluster over the last half hour, a point every two seconds: so that who opens the page sees what went
/// before. The one thing that goes on while nobody looks; a point costs a look at each worker's last heartbeat.
/// Any thread may call.
final class History {
    static final int POINTS_MAX = 900;
    static final long INTERVAL_MILLIS = 2_000;

    private static final int MIB = 1 << 20;

    private final Deque<List<Number>> points = new ArrayDeque<>();
    private final QueueWaits waits = new QueueWaits();
    private long total;

    /// Adds a point: seconds since 1970, then MiB managed, unmanaged old, unmanaged recent, spilled and the limit,
    /// percent of one processor, tasks processing, queued (with those that wait for a worker), waiting, in memory
    /// and erred, KiB a second read and written, workers, results ever.
    synchronized void add(double now, SchedulerSnapshot snapshot, Totals totals) {
        waits.add(now, snapshot.measured().queueWaits());
        if (points.size() == POINTS_MAX) {
            points.removeFirst();
        }
        points.addLast(List.of(
                Math.round(now * 10) / 10.0,
                totals.managedBytes() / MIB,
                totals.unmanagedOldBytes() / MIB,
                totals.unmanagedRecentBytes() / MIB,
                totals.spilledBytes() / MIB,
                totals.limitBytes() / MIB,
                Math.round(totals.cpuPercent()),
                snapshot.tasks(TaskStatus.PROCESSING),
                snapshot.tasks(TaskStatus.QUEUED) + snapshot.tasks(TaskStatus.NO_WORKER),
                snapshot.tasks(TaskStatus.WAITING),
                snapshot.tasks(TaskStatus.MEMORY),
                snapshot.tasks(TaskStatus.ERRED),
                Math.round(totals.readBytesPerSecond() / 1024),
                Math.round(totals.writeBytesPerSecond() / 1024),
                totals.workers(),
                totals.finished()));
        total++;
    }

    synchronized List<List<Number>> all() {
        return new ArrayList<>(points);
    }

    /// Points added since there were so many.
    synchronized List<List<Number>> since(long index) {
        List<List<Number>> kept = new ArrayList<>(points);
        return kept.subList((int) Math.clamp(kept.size() - (total - index), 0, kept.size()), kept.size());
    }

    /// As [QueueWaits#lastMinute].
    synchronized List<Number> queueWaits() {
        return waits.lastMinute();
    }

    /// Points ever added.
    synchronized long total() {
        return total;
    }
}
