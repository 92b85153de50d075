package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.spill.SpillTimes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Dask's fine performance metrics: what the worker's time went into, by context (`execute`, `get-data`, `gather-dep`,
/// `memory-monitor`) and activity; for tasks by span and prefix, too. Sums since the last heartbeat. Guarded by its
/// owner.
///
/// What stock workers have besides has no counterpart here: `other` is the time in the event loop between activities,
/// `offload` that of its helper threads; values stay as they came until a task reads them, so that `deserialize` is
/// the task's and not the transfer's; what is sent to peers is not compressed.
final class FineMetrics {
    /// Pairs of span and prefix between two heartbeats; further ones are together.
    private static final int TASKS_MAX = 500;

    private static final String OTHERS = "(other)";

    private final Map<TaskName, Sums> tasks = new HashMap<>();
    private final Map<String, Sums> contexts = new LinkedHashMap<>();
    private final Map<String, Double> plain = new LinkedHashMap<>();
    private @Nullable TaskName lastName;
    private Sums last = new Sums();

    private enum Activity {
        THREAD_CPU("thread-cpu"),
        THREAD_NONCPU("thread-noncpu"),
        EXECUTOR("executor"),
        DESERIALIZE("deserialize"),
        SERIALIZE("serialize"),
        COMPRESS("compress"),
        DECOMPRESS("decompress"),
        DISK_READ("disk-read"),
        DISK_READ_BYTES("disk-read", "bytes"),
        DISK_READ_COUNT("disk-read", "count"),
        DISK_WRITE("disk-write"),
        DISK_WRITE_BYTES("disk-write", "bytes"),
        DISK_WRITE_COUNT("disk-write", "count"),
        MEMORY_READ_BYTES("memory-read", "bytes"),
        MEMORY_READ_COUNT("memory-read", "count"),
        NETWORK("network"),
        NETWORK_BYTES("network", "bytes"),
        FAILED("failed"),
        CANCELLED("cancelled"),
        BUSY("busy"),
        MISSING("missing");

        static final Activity[] ALL = values();

        final String label;
        final String unit;

        Activity(String label) {
            this(label, "seconds");
        }

        Activity(String label, String unit) {
            this.label = label;
            this.unit = unit;
        }
    }

    private record TaskName(@Nullable String span, String prefix) {}

    private static final class Sums {
        private final double[] values = new double[Activity.ALL.length];
        /// Of the activities that there were, if it was for nothing.
        private int seen;

        void add(Activity activity, double value) {
            values[activity.ordinal()] += value;
            seen |= 1 << activity.ordinal();
        }

        void addIfAny(Activity activity, double value) {
            if (value > 0) {
                add(activity, value);
            }
        }

        void add(MemoryReads reads) {
            addIfAny(Activity.MEMORY_READ_COUNT, reads.count());
            addIfAny(Activity.MEMORY_READ_BYTES, reads.bytes());
        }

        void add(SpillTimes times) {
            addIfAny(Activity.SERIALIZE, times.serializeSeconds());
            addIfAny(Activity.COMPRESS, times.compressSeconds());
            addIfAny(Activity.DECOMPRESS, times.decompressSeconds());
            if (times.reads() > 0) {
                add(Activity.DISK_READ, times.readSeconds());
                add(Activity.DISK_READ_BYTES, times.readBytes());
                add(Activity.DISK_READ_COUNT, times.reads());
            }
            if (times.writes() > 0) {
                add(Activity.DISK_WRITE, times.writeSeconds());
                add(Activity.DISK_WRITE_BYTES, times.writtenBytes());
                add(Activity.DISK_WRITE_COUNT, times.writes());
            }
        }

        void into(Map<Object, Number> digests, List<?> context) {
            for (Activity activity : Activity.ALL) {
                if ((seen & 1 << activity.ordinal()) != 0) {
                    List<Object> name = new ArrayList<>(context);
                    name.add(activity.label);
                    name.add(activity.unit);
                    double value = values[activity.ordinal()];
                    digests.merge(
                            name,
                            activity.unit.equals("seconds") ? (Number) value : (Number) (long) value,
                            FineMetrics::sum);
                }
            }
        }
    }

    private static Number sum(Number a, Number b) {
        return a instanceof Long x && b instanceof Long y
                ? (Number) (x + y)
                : (Number) (a.doubleValue() + b.doubleValue());
    }

    /// What a heartbeat brings.
    ///
    /// @param digests by `[context, prefix, label, unit]`, for tasks, `[context, label, unit]` or one name
    /// @param ofSpans those of tasks by `[context, span, prefix, label, unit]`
    record Taken(Map<Object, Number> digests, Map<Object, Number> ofSpans) {}

    /// A task has ended.
    ///
    /// @param wallSeconds in its thread, [TaskTimes]' included
    /// @param cpuSeconds of these, on a processor
    /// @param spilled what was spilled and read meanwhile
    void task(
            TaskKey key,
            @Nullable String span,
            TaskTimes times,
            double wallSeconds,
            double cpuSeconds,
            @Nullable SpillTimes spilled) {
        Sums sums = sums(span, key.prefix());
        if (times.memoryReads != null) {
            sums.add(times.memoryReads);
        }
        if (times.outcome != TaskTimes.Outcome.DONE) {
            // As in Dask, what it was spent with does not matter then.
            sums.add(
                    times.outcome == TaskTimes.Outcome.FAILED ? Activity.FAILED : Activity.CANCELLED,
                    wallSeconds + times.executorSeconds());
            return;
        }
        double onDisk = 0;
        double packing = 0;
        if (spilled != null) {
            sums.add(spilled);
            onDisk = spilled.inSeconds() + spilled.outSeconds();
            packing = spilled.serializeSeconds() + spilled.compressSeconds();
        }
        double deserialize = times.deserializeSeconds();
        if (deserialize > 0) {
            sums.add(Activity.DESERIALIZE, Math.max(0, deserialize - (spilled == null ? 0 : spilled.inSeconds())));
            onDisk -= spilled == null ? 0 : spilled.inSeconds();
        }
        double cpu = Math.max(0, cpuSeconds - times.deserializeCpuSeconds() - packing);
        sums.add(Activity.EXECUTOR, times.executorSeconds());
        sums.add(Activity.THREAD_CPU, cpu);
        sums.add(Activity.THREAD_NONCPU, Math.max(0, wallSeconds - deserialize - onDisk - cpu));
    }

    private Sums sums(@Nullable String span, String prefix) {
        if (lastName != null && lastName.prefix.equals(prefix) && Objects.equals(lastName.span, span)) {
            return last;
        }
        var name = new TaskName(span, prefix);
        Sums sums = tasks.get(name);
        if (sums == null) {
            if (tasks.size() >= TASKS_MAX) {
                name = new TaskName(null, OTHERS);
            }
            sums = tasks.computeIfAbsent(name, n -> new Sums());
        }
        lastName = name;
        last = sums;
        return sums;
    }

    private Sums context(String name) {
        return contexts.computeIfAbsent(name, n -> new Sums());
    }

    /// Values came from a peer.
    void gathered(long bytes, double seconds) {
        Sums sums = context("gather-dep");
        sums.add(bytes == 0 ? Activity.MISSING : Activity.NETWORK, seconds);
        sums.add(Activity.NETWORK_BYTES, bytes);
        add("transfer-duration", Math.max(0.001, seconds));
        add("transfer-bandwidth", bytes / Math.max(0.001, seconds));
    }

    /// A peer was asked for nothing.
    void notGathered(boolean busy, double seconds) {
        context("gather-dep").add(busy ? Activity.BUSY : Activity.FAILED, seconds);
    }

    /// A peer has what it asked for.
    void sent(SentTimes times) {
        Sums sums = context("get-data");
        sums.add(Activity.SERIALIZE, times.serializeSeconds());
        sums.add(Activity.NETWORK, times.networkSeconds());
        sums.add(times.memoryReads());
        if (times.spilled() != null) {
            sums.add(times.spilled());
        }
        if (times.spilledWhileSent() != null) {
            sums.add(times.spilledWhileSent());
        }
    }

    /// The memory monitor has moved values to disk.
    void monitorSpilled(SpillTimes times) {
        context("memory-monitor").add(times);
    }

    void add(String name, double value) {
        plain.merge(name, value, Double::sum);
    }

    /// What was added up since this was called last.
    Taken take() {
        Map<Object, Number> digests = new LinkedHashMap<>(plain);
        Map<Object, Number> ofSpans = new LinkedHashMap<>();
        contexts.forEach((context, sums) -> sums.into(digests, List.of(context)));
        tasks.forEach((name, sums) -> {
            sums.into(digests, List.of("execute", name.prefix));
            if (name.span != null) {
                sums.into(ofSpans, List.of("execute", name.span, name.prefix));
            }
        });
        plain.clear();
        contexts.clear();
        tasks.clear();
        lastName = null;
        return new Taken(digests, ofSpans);
    }
}
