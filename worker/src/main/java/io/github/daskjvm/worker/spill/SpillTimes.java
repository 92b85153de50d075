package io.github.daskjvm.worker.spill;

import org.jspecify.annotations.Nullable;

/// What a thread has spent with the disk since it was asked last, so that it counts for the task, the peer or the
/// monitor that the thread worked for. Of its own thread. Until something is spilled in this JVM, asking is a look at
/// one flag.
public final class SpillTimes {
    private static final ThreadLocal<@Nullable SpillTimes> OF_THREAD = new ThreadLocal<>();
    private static volatile boolean used;

    private long serializeNanos;
    private long compressNanos;
    private long writeNanos;
    private long writtenBytes;
    private long writes;
    private long readNanos;
    private long readBytes;
    private long reads;
    private long decompressNanos;

    private SpillTimes() {}

    /// Of the calling thread; the next is of what comes then.
    ///
    /// @return null for nothing
    public static @Nullable SpillTimes take() {
        if (!used) {
            return null;
        }
        SpillTimes times = OF_THREAD.get();
        if (times != null) {
            OF_THREAD.remove();
        }
        return times;
    }

    private static SpillTimes own() {
        SpillTimes times = OF_THREAD.get();
        if (times == null) {
            times = new SpillTimes();
            OF_THREAD.set(times);
            used = true;
        }
        return times;
    }

    /// Of reading and decompressing by the calling thread, since [#take].
    static long ownInNanos() {
        SpillTimes times = OF_THREAD.get();
        return times == null ? 0 : times.readNanos + times.decompressNanos;
    }

    static void wrote(SpillWriter file, long serializeNanos) {
        SpillTimes times = own();
        times.writes++;
        times.writtenBytes += file.diskBytes();
        times.writeNanos += file.writeNanos();
        times.compressNanos += file.compressNanos();
        times.serializeNanos += serializeNanos;
    }

    static void opened() {
        own().reads++;
    }

    static void read(long bytes, long nanos) {
        SpillTimes times = own();
        times.readBytes += bytes;
        times.readNanos += nanos;
    }

    static void decompressed(long nanos) {
        own().decompressNanos += nanos;
    }

    public double serializeSeconds() {
        return serializeNanos / 1e9;
    }

    public double compressSeconds() {
        return compressNanos / 1e9;
    }

    public double writeSeconds() {
        return writeNanos / 1e9;
    }

    /// Compressed.
    public long writtenBytes() {
        return writtenBytes;
    }

    /// Values written.
    public long writes() {
        return writes;
    }

    public double readSeconds() {
        return readNanos / 1e9;
    }

    /// Compressed.
    public long readBytes() {
        return readBytes;
    }

    /// Times that a value was read.
    public long reads() {
        return reads;
    }

    public double decompressSeconds() {
        return decompressNanos / 1e9;
    }

    /// Of reading and decompressing.
    public double inSeconds() {
        return (readNanos + decompressNanos) / 1e9;
    }

    /// Of serializing, compressing and writing.
    public double outSeconds() {
        return (serializeNanos + compressNanos + writeNanos) / 1e9;
    }
}
