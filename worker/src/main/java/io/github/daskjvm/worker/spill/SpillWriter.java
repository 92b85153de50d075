package io.github.daskjvm.worker.spill;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Writes a file of blocks, each `u32 size, u32 length, bytes[size]`, where a block that is not compressed has its
/// size for its length. Where one does not become a tenth smaller, compression is not tried for the next few.
final class SpillWriter extends OutputStream {
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final int BLOCK_BYTES = 1 << 16;
    static final int HEAD_BYTES = 8;
    private static final int UNTRIED_AFTER_FAILURE = 15;

    private final OutputStream out;
    private final SpillCompression compression;
    private final long limitBytes;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final byte[] packed = new byte[HEAD_BYTES + BLOCK_BYTES];
    private final byte[] body = new byte[BLOCK_BYTES];
    private int filled;
    private int untried;
    private long plainBytes;
    private long diskBytes;
    private long compressNanos;
    private long writeNanos;

    /// @param limitBytes more must not be written
    SpillWriter(OutputStream out, SpillCompression compression, long limitBytes) {
        this.out = out;
        this.compression = compression;
        this.limitBytes = limitBytes;
    }

    @Override
    public void write(int b) throws IOException {
        if (filled == BLOCK_BYTES) {
            flushBlock();
        }
        block[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int at = from;
        int left = length;
        while (left > 0) {
            if (filled == BLOCK_BYTES) {
                flushBlock();
            }
            int part = Math.min(left, BLOCK_BYTES - filled);
            System.arraycopy(bytes, at, block, filled, part);
            filled += part;
            at += part;
            left -= part;
        }
    }

    private void flushBlock() throws IOException {
        long startNanos = System.nanoTime();
        int size = -1;
        if (untried > 0) {
            untried--;
        } else if (compression != SpillCompression.NONE) {
            size = compression.compress(block, filled, body);
            if (size < 0) {
                untried = UNTRIED_AFTER_FAILURE;
            }
        }
        byte[] bytes = size < 0 ? block : body;
        int length = size < 0 ? filled : size;
        INT.set(packed, 0, length);
        INT.set(packed, 4, filled);
        System.arraycopy(bytes, 0, packed, HEAD_BYTES, length);
        long packedNanos = System.nanoTime();
        compressNanos += packedNanos - startNanos;
        diskBytes += HEAD_BYTES + length;
        if (diskBytes > limitBytes) {
            throw new DiskFullException("distributed.worker.memory.max-spill is reached");
        }
        out.write(packed, 0, HEAD_BYTES + length);
        writeNanos += System.nanoTime() - packedNanos;
        plainBytes += filled;
        filled = 0;
    }

    /// Ends the last block.
    void finish() throws IOException {
        if (filled > 0) {
            flushBlock();
        }
    }

    long plainBytes() {
        return plainBytes;
    }

    long diskBytes() {
        return diskBytes;
    }

    long compressNanos() {
        return compressNanos;
    }

    long writeNanos() {
        return writeNanos;
    }
}
