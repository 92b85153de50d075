package io.github.daskjvm.core.scheduler;

import java.util.Optional;

/// Ways to say how much memory a worker uses, by the names of Dask's `MemoryState`.
public enum MemoryMeasure {
    /// What the operating system counts for the process.
    PROCESS,
    /// Results held in memory, as far as the process can hold them.
    MANAGED,
    /// Results on disk, by their size there.
    SPILLED,
    /// Results in memory and on disk.
    MANAGED_TOTAL,
    /// What the process uses for anything but results.
    UNMANAGED,
    /// The least of `UNMANAGED` over the last `recent-to-old-time`.
    UNMANAGED_OLD,
    /// What is new in `UNMANAGED`, and may go soon.
    UNMANAGED_RECENT,
    /// Results in memory, and `UNMANAGED_OLD`.
    OPTIMISTIC;

    /// Such as `managed_total`.
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// Also by the names that Dask had before and still takes.
    public static Optional<MemoryMeasure> ofWireName(String name) {
        switch (name) {
            case "managed_in_memory" -> {
                return Optional.of(MANAGED);
            }
            case "managed_spilled" -> {
                return Optional.of(SPILLED);
            }
            default -> {
                for (MemoryMeasure measure : values()) {
                    if (measure.wireName().equals(name)) {
                        return Optional.of(measure);
                    }
                }
                return Optional.empty();
            }
        }
    }
}
