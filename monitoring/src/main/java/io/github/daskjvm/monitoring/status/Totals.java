package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.util.List;

/// All workers together at one moment. Bytes, seconds, and percent of one processor.
///
/// @param finished results that tasks ever had
record Totals(
        int workers,
        long threads,
        long limitBytes,
        long managedBytes,
        long unmanagedOldBytes,
        long unmanagedRecentBytes,
        long spilledBytes,
        double cpuPercent,
        double occupancySeconds,
        long processing,
        double readBytesPerSecond,
        double writeBytesPerSecond,
        long openTransferBytes,
        long transfers,
        long finished) {

    static Totals of(SchedulerSnapshot snapshot, List<WorkerRow> rows) {
        long threads = 0;
        long limit = 0;
        long managed = 0;
        long old = 0;
        long recent = 0;
        long spilled = 0;
        double cpu = 0;
        double occupancy = 0;
        long processing = 0;
        double read = 0;
        double write = 0;
        long open = 0;
        long transfers = 0;
        for (WorkerRow row : rows) {
            threads += row.state().nthreads();
            limit += row.state().memoryLimitBytes();
            managed += row.managedBytes();
            old += row.unmanagedOldBytes();
            recent += row.unmanagedRecentBytes();
            spilled += row.spilledBytes();
            cpu += row.said().cpuPercent();
            occupancy += row.state().occupancySeconds();
            processing += row.state().processing();
            read += row.said().readBytesPerSecond();
            write += row.said().writeBytesPerSecond();
            open += row.said().incomingBytes();
            transfers += row.said().incomingTotal();
        }
        long finished = 0;
        for (PrefixSnapshot prefix : snapshot.prefixes()) {
            finished += prefix.entered().getOrDefault(TaskStatus.MEMORY, 0L);
        }
        return new Totals(
                rows.size(),
                threads,
                limit,
                managed,
                old,
                recent,
                spilled,
                cpu,
                occupancy,
                processing,
                read,
                write,
                open,
                transfers,
                finished);
    }

    List<Object> list() {
        return List.of(
                workers,
                threads,
                limitBytes,
                managedBytes,
                unmanagedOldBytes,
                unmanagedRecentBytes,
                spilledBytes,
                Math.round(cpuPercent),
                Math.round(occupancySeconds * 100) / 100.0,
                processing,
                Math.round(readBytesPerSecond),
                Math.round(writeBytesPerSecond),
                openTransferBytes,
                transfers,
                finished);
    }
}
