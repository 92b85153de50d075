package io.github.daskjvm.worker;

/// Values that were wanted and in memory. Of one thread.
final class MemoryReads {
    private int count;
    private long bytes;

    /// Pins a value.
    ///
    /// @return false if it is gone
    boolean pin(StoredValue value) {
        long inMemory = value.pinned();
        if (inMemory > 0) {
            count++;
            bytes += inMemory;
        }
        return inMemory >= 0;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }
}
