package io.github.daskjvm.worker.spill;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// Reads what a [SpillWriter] wrote, a block at a time.
final class SpillReader extends InputStream {
    private final InputStream in;
    private final SpillCompression compression;
    private final SpillCounters counters;
    private final byte[] head = new byte[SpillWriter.HEAD_BYTES];
    private final byte[] packed = new byte[SpillWriter.BLOCK_BYTES];
    private final byte[] block = new byte[SpillWriter.BLOCK_BYTES];
    private int at;
    private int length;

    SpillReader(InputStream in, SpillCompression compression, SpillCounters counters) {
        this.in = in;
        this.compression = compression;
        this.counters = counters;
    }

    @Override
    public int read() throws IOException {
        return at < length || fill() ? block[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        if (at == length && !fill()) {
            return -1;
        }
        int part = Math.min(wanted, length - at);
        System.arraycopy(block, at, into, offset, part);
        at += part;
        return part;
    }

    private boolean fill() throws IOException {
        int got = in.readNBytes(head, 0, head.length);
        if (got == 0) {
            return false;
        }
        int size = got < head.length ? -1 : (int) SpillWriter.INT.get(head, 0);
        int plain = (int) SpillWriter.INT.get(head, 4);
        if (size < 0 || size > plain || plain > SpillWriter.BLOCK_BYTES) {
            throw new IOException("a spilled value's file is damaged");
        }
        byte[] target = size == plain ? block : packed;
        if (in.readNBytes(target, 0, size) < size) {
            throw new EOFException("a spilled value's file is cut off");
        }
        if (size < plain) {
            long startNanos = System.nanoTime();
            compression.decompress(packed, size, block, plain);
            counters.decompressed(System.nanoTime() - startNanos);
        }
        at = 0;
        length = plain;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
