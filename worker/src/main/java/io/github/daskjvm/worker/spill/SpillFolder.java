package io.github.daskjvm.worker.spill;

import java.io.File;
import java.io.FileOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// The files of one worker's spilled values, and what writing and reading them came to. Any thread may call.
public final class SpillFolder {
    private final Path folder;
    private final SpillCompression compression;
    private final long maxBytes;
    private final SpillCounters counters = new SpillCounters();
    private final AtomicLong names = new AtomicLong();
    private final AtomicLong diskBytes = new AtomicLong();
    private volatile boolean closed;

    /// What is to be written.
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /// @param folder made with the first file
    /// @param maxBytes of all files together; `Long.MAX_VALUE` for no bound
    public SpillFolder(Path folder, SpillCompression compression, long maxBytes) {
        this.folder = folder;
        this.compression = compression;
        this.maxBytes = maxBytes;
    }

    /// Nothing is written from now on.
    public void close() {
        closed = true;
    }

    /// Writes a file. What the content throws itself is passed on; no file stays then.
    ///
    /// @throws DiskFullException if there is no room, or the file can not be written for another reason
    public SpillFile write(Content content) throws IOException {
        if (closed) {
            throw new DiskFullException("the worker closes");
        }
        Path path = folder.resolve(Long.toString(names.incrementAndGet()));
        long startNanos = System.nanoTime();
        long reserved = maxBytes - diskBytes.get();
        var file = new Written(path.toFile());
        try {
            SpillWriter writer;
            try (var out = file.open(folder)) {
                writer = new SpillWriter(out, compression, reserved);
                content.writeTo(writer);
                writer.finish();
            }
            diskBytes.addAndGet(writer.diskBytes());
            counters.wrote(writer, System.nanoTime() - startNanos);
            return new SpillFile(this, path, writer.plainBytes(), writer.diskBytes());
        } catch (IOException | RuntimeException | Error e) {
            file.discard();
            throw e;
        }
    }

    SpillCompression compression() {
        return compression;
    }

    /// Of all files, as they are on disk.
    public long diskBytes() {
        return diskBytes.get();
    }

    public SpillCounters counters() {
        return counters;
    }

    void delete(Path path, long bytes) {
        diskBytes.addAndGet(-bytes);
        boolean gone = path.toFile().delete();
        // Otherwise somebody else has removed it, or closing the worker removes it with its folder.
        assert gone || !path.toFile().exists();
    }

    InputStream counted(InputStream in) {
        counters.opened();
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                long startNanos = System.nanoTime();
                int n = super.read(into, offset, length);
                counters.read(Math.max(n, 0), System.nanoTime() - startNanos);
                return n;
            }
        };
    }

    /// A file being written, whose own failures are told from those of what is written.
    private static final class Written {
        private final File file;

        Written(File file) {
            this.file = file;
        }

        OutputStream open(Path folder) throws IOException {
            try {
                Files.createDirectories(folder);
                // Not a channel, which an interrupt of a task's thread would close.
                return new Disk(new FileOutputStream(file));
            } catch (IOException e) {
                throw new DiskFullException(e);
            }
        }

        void discard() {
            boolean gone = file.delete();
            assert gone || !file.exists();
        }
    }

    private static final class Disk extends OutputStream {
        private final FileOutputStream out;

        Disk(FileOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                throw new DiskFullException(e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw new DiskFullException(e);
            }
        }
    }
}
