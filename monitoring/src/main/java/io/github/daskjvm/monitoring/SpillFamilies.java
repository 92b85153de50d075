package io.github.daskjvm.monitoring;

/// Dask's families about what workers write to disk for want of memory. A JVM worker does not: its data stays in its
/// heap. So they are all zero, which is what queries over workers of both kinds should add up.
final class SpillFamilies {
    private static final String NEVER = "; a JVM worker writes nothing to disk";
    private static final String[] CAUSES = {
        "disk-write-target", "disk-write-spill", "disk-read-execute", "disk-read-get-data"
    };

    private SpillFamilies() {}

    static void add(Families families, MetricOptions.Form form) {
        boolean old = form == MetricOptions.Form.DASK_2022;
        String read = old ? "disk_read" : "disk-read";
        String write = old ? "disk_write" : "disk-write";
        families.counters("spill_bytes", "Bytes moved to or from disk" + NEVER)
                .add(0, "activity", read)
                .add(0, "activity", write);
        families.counters("spill_count", "Values moved to or from disk" + NEVER)
                .add(0, "activity", read)
                .add(0, "activity", write);
        families.counters("spill_time_seconds", "Time to move values to or from disk" + NEVER)
                .add(0, "activity", read)
                .add(0, "activity", write);
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
