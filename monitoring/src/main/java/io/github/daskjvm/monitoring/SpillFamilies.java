package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.worker.WorkerSnapshot;

/// Dask's families about what a worker writes to disk for want of memory, 0 for one that never does.
///
/// Time to decompress and deserialize what comes back is part of the task's that asked, or of the transfer's.
final class SpillFamilies {
    private static final String NEVER = "; always 0: other threads than the loop's spill";
    private static final String[] CAUSES = {
        "disk-write-target", "disk-write-spill", "disk-read-execute", "disk-read-get-data"
    };

    private SpillFamilies() {}

    static void add(Families families, WorkerSnapshot.Spills spills, MetricOptions.Form form) {
        boolean old = form == MetricOptions.Form.DASK_2022;
        String memory = old ? "memory_read" : "memory-read";
        String read = old ? "disk_read" : "disk-read";
        String write = old ? "disk_write" : "disk-write";
        families.counters("spill_bytes", "Bytes of results read from memory, and moved to or from disk")
                .add(spills.memoryReadBytes(), "activity", memory)
                .add(spills.readBytes(), "activity", read)
                .add(spills.writtenBytes(), "activity", write);
        families.counters("spill_count", "Results read from memory, and moved to or from disk")
                .add(spills.memoryReads(), "activity", memory)
                .add(spills.reads(), "activity", read)
                .add(spills.writes(), "activity", write);
        Families.Samples times = families.counters("spill_time_seconds", "Time to move results to or from disk");
        if (old) {
            times.add(spills.serializeSeconds() + spills.compressSeconds(), "activity", "pickle");
            times.add(spills.decompressSeconds() + spills.deserializeSeconds(), "activity", "unpickle");
        } else {
            times.add(spills.serializeSeconds(), "activity", "serialize");
            times.add(spills.compressSeconds(), "activity", "compress");
            times.add(spills.decompressSeconds(), "activity", "decompress");
            times.add(spills.deserializeSeconds(), "activity", "deserialize");
        }
        times.add(spills.writeSeconds(), "activity", write);
        times.add(spills.readSeconds(), "activity", read);
        families.gauge(
                "unspillable_results",
                "Results that stayed in memory since they do not serialize",
                spills.unspillable());
        if (old) {
            Families.Samples total = families.counters(
                    "event_loop_blocked_time_seconds", "Time that the event loop waited for the disk" + NEVER);
            Families.Samples most =
                    families.gauges("event_loop_blocked_time_max_seconds", "Longest such time of late" + NEVER);
            for (String cause : CAUSES) {
                total.add(0, "cause", cause);
                most.add(0, "cause", cause);
            }
        }
    }
}
