package io.github.daskjvm.worker.spill;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A value's bytes on disk. Written once, read often, deleted once. Any thread may call.
public final class SpillFile {
    private final SpillFolder folder;
    private final Path path;
    private final long plainBytes;
    private final long diskBytes;
    private final AtomicBoolean deleted = new AtomicBoolean();

    SpillFile(SpillFolder folder, Path path, long plainBytes, long diskBytes) {
        this.folder = folder;
        this.path = path;
        this.plainBytes = plainBytes;
        this.diskBytes = diskBytes;
    }

    /// How much was written, before compression.
    public long plainBytes() {
        return plainBytes;
    }

    /// How much of the disk it takes.
    public long diskBytes() {
        return diskBytes;
    }

    /// All that was written, decompressed piece by piece as it is read.
    ///
    /// @throws IOException if somebody else has deleted the file
    public InputStream open() throws IOException {
        // Not a channel, which an interrupt of a task's thread would close.
        return new SpillReader(
                folder.counted(new FileInputStream(path.toFile())), folder.compression(), folder.counters());
    }

    /// Makes an object of what was written. What that takes besides reading is counted.
    public @Nullable Object deserialize(Reading reading) throws IOException {
        long startNanos = System.nanoTime();
        long diskNanos = SpillTimes.ownInNanos();
        Object object = reading.read();
        long reads = SpillTimes.ownInNanos() - diskNanos;
        folder.counters().deserialized(Math.max(0, System.nanoTime() - startNanos - reads));
        return object;
    }

    /// Reads a file's value.
    @FunctionalInterface
    public interface Reading {
        @Nullable
        Object read() throws IOException;
    }

    /// @throws IOException that says so, if somebody else has deleted or cut the file
    public void check() throws IOException {
        if (Files.size(path) != diskBytes) {
            throw new IOException("the file of a spilled value has changed: " + path);
        }
    }

    /// Again is nothing.
    public void delete() {
        if (deleted.compareAndSet(false, true)) {
            folder.delete(path, diskBytes);
        }
    }
}
