package io.github.daskjvm.arrow;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Bytes written to an array of about the right size, which is handed over as it is where it fits.
final class StreamBytes extends ByteArrayOutputStream {
    /// @param sizeBytes about
    StreamBytes(long sizeBytes) {
        super((int) Math.min(sizeBytes, Integer.MAX_VALUE - 64));
    }

    byte[] bytes() {
        return count == buf.length ? buf : Arrays.copyOf(buf, count);
    }
}
