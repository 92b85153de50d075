package io.github.daskjvm.worker.task;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Bytes as arrays of at most 64 MiB, so that a value may be larger than one array can be.
final class ByteChunks extends OutputStream {
    private static final int CHUNK_MAX_BYTES = 64 << 20;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] chunk = new byte[256];
    private int size;

    @Override
    public void write(int b) {
        if (size == chunk.length) {
            grow(1);
        }
        chunk[size++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        int at = from;
        int left = length;
        while (left > 0) {
            if (size == chunk.length) {
                grow(left);
            }
            int part = Math.min(left, chunk.length - size);
            System.arraycopy(bytes, at, chunk, size, part);
            size += part;
            at += part;
            left -= part;
        }
    }

    private void grow(int wanted) {
        if (chunk.length < CHUNK_MAX_BYTES) {
            long length = Math.max(chunk.length * 2L, (long) size + wanted);
            chunk = Arrays.copyOf(chunk, (int) Math.min(CHUNK_MAX_BYTES, length));
        } else {
            full.add(chunk);
            chunk = new byte[Math.clamp(wanted, 1 << 16, CHUNK_MAX_BYTES)];
            size = 0;
        }
    }

    List<byte[]> chunks() {
        var chunks = new ArrayList<byte[]>(full);
        chunks.add(size == chunk.length ? chunk : Arrays.copyOf(chunk, size));
        return chunks;
    }

    static InputStream read(List<byte[]> chunks) {
        if (chunks.size() == 1) {
            return new ByteArrayInputStream(chunks.getFirst());
        }
        var streams = new ArrayList<InputStream>(chunks.size());
        for (byte[] each : chunks) {
            streams.add(new ByteArrayInputStream(each));
        }
        return new SequenceInputStream(Collections.enumeration(streams));
    }
}
