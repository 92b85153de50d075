package io.github.daskjvm.worker.spill;

import java.util.concurrent.atomic.LongAdder;

/// What spilling came to since the worker started. Any thread may call.
public final class SpillCounters {
    private final LongAdder writes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder writeNanos = new LongAdder();
    private final LongAdder compressNanos = new LongAdder();
    private final LongAdder serializeNanos = new LongAdder();
    private final LongAdder reads = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder readNanos = new LongAdder();
    private final LongAdder decompressNanos = new LongAdder();
    private final LongAdder deserializeNanos = new LongAdder();

    SpillCounters() {}

    void wrote(SpillWriter file, long nanos) {
        writes.increment();
        writtenBytes.add(file.diskBytes());
        writeNanos.add(file.writeNanos());
        compressNanos.add(file.compressNanos());
        long serialized = Math.max(0, nanos - file.writeNanos() - file.compressNanos());
        serializeNanos.add(serialized);
        SpillTimes.wrote(file, serialized);
    }

    void opened() {
        reads.increment();
        SpillTimes.opened();
    }

    void read(long bytes, long nanos) {
        readBytes.add(bytes);
        readNanos.add(nanos);
        SpillTimes.read(bytes, nanos);
    }

    void decompressed(long nanos) {
        decompressNanos.add(nanos);
        SpillTimes.decompressed(nanos);
    }

    void deserialized(long nanos) {
        deserializeNanos.add(nanos);
    }

    /// Values written to disk.
    public long writes() {
        return writes.sum();
    }

    /// Compressed.
    public long writtenBytes() {
        return writtenBytes.sum();
    }

    public double writeSeconds() {
        return writeNanos.sum() / 1e9;
    }

    public double compressSeconds() {
        return compressNanos.sum() / 1e9;
    }

    public double serializeSeconds() {
        return serializeNanos.sum() / 1e9;
    }

    /// Times that a value was read from disk, be it to be sent.
    public long reads() {
        return reads.sum();
    }

    /// Compressed.
    public long readBytes() {
        return readBytes.sum();
    }

    public double readSeconds() {
        return readNanos.sum() / 1e9;
    }

    public double decompressSeconds() {
        return decompressNanos.sum() / 1e9;
    }

    public double deserializeSeconds() {
        return deserializeNanos.sum() / 1e9;
    }
}
