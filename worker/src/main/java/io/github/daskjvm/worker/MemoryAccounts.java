package io.github.daskjvm.worker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How much of a worker's values is where. Changed by the values, each under its own monitor; any thread may read.
final class MemoryAccounts {
    private final long largeBytes;
    private final AtomicLong memoryBytes = new AtomicLong();
    private final AtomicLong spilledBytes = new AtomicLong();
    private final AtomicLong spilledDiskBytes = new AtomicLong();
    private final AtomicInteger spilled = new AtomicInteger();

    /// @param largeBytes a value of more does not come back from disk to stay
    MemoryAccounts(long largeBytes) {
        this.largeBytes = largeBytes;
    }

    boolean isLarge(long sizeBytes) {
        return sizeBytes > largeBytes;
    }

    void memory(long sizeBytes) {
        memoryBytes.addAndGet(sizeBytes);
    }

    /// A value is on disk alone, or with -1 no longer.
    void disk(int sign, long sizeBytes, long diskBytes) {
        spilled.addAndGet(sign);
        spilledBytes.addAndGet(sign * sizeBytes);
        spilledDiskBytes.addAndGet(sign * diskBytes);
    }

    /// Of values in memory, as far as measured.
    long memoryBytes() {
        return memoryBytes.get();
    }

    /// Of values that are on disk alone: what they took in memory.
    long spilledBytes() {
        return spilledBytes.get();
    }

    /// Of the same: what they take on disk.
    long spilledDiskBytes() {
        return spilledDiskBytes.get();
    }

    /// Values that are on disk alone.
    int spilled() {
        return spilled.get();
    }
}
