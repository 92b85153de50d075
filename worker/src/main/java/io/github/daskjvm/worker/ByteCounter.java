package io.github.daskjvm.worker;

import java.io.OutputStream;

/// Counts what is written, and drops it.
final class ByteCounter extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
        bytes++;
    }

    @Override
    public void write(byte[] buffer, int from, int length) {
        bytes += length;
    }

    long bytes() {
        return bytes;
    }
}
