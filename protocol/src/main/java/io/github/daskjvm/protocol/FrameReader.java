package io.github.daskjvm.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads whole messages off a stream. The layout is `u64 P, u64 N, u64 length[N], frame[N]`, little-endian;
/// `P` says how much the sender put into its first write and is only checked for sense. Not thread-safe.
public final class FrameReader {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final Pattern HTTP = Pattern.compile("(GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS|CONNECT|PRI) .*");
    /// Beyond this a frame's memory is taken as its bytes arrive, so that a claim alone costs nothing.
    private static final int TRUSTED_FRAME_BYTES = 1 << 20;

    private final InputStream in;
    private final FrameLimits limits;
    private final byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    public FrameReader(InputStream in, FrameLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /// The frames of the next message, at least one; null when the peer has closed between messages.
    ///
    /// @throws TruncatedMessageException if the stream ends inside a message
    /// @throws BadMessageException if what arrives is no Dask message or exceeds the limits
    public @Nullable List<byte[]> read() throws IOException {
        if (!fill(8, true)) {
            return null;
        }
        long firstChunk = (long) LONG.get(buffer, start);
        if (firstChunk < 16 || firstChunk > limits.messageBytes()) {
            throw notDask(firstChunk);
        }
        fill(16, false);
        long count = (long) LONG.get(buffer, start + 8);
        if (count < 1 || count > limits.frames() || 8 * (count + 1) > firstChunk) {
            throw new BadMessageException("a message of " + Long.toUnsignedString(count) + " frames; between 1 and "
                    + limits.frames() + " are allowed");
        }
        start += 16;
        long[] lengths = lengths((int) count);
        var frames = new ArrayList<byte[]>(lengths.length);
        for (long length : lengths) {
            frames.add(frame((int) length));
        }
        return frames;
    }

    /// Whether the next [#read] can start without waiting for the network: bytes of a further message are here.
    public boolean buffered() {
        return end - start >= 8;
    }

    /// Waits as long as the stream's own read timeout, and says whether neither a byte nor the end came.
    public boolean silent() throws IOException {
        if (start != end) {
            return false;
        }
        start = 0;
        end = 0;
        try {
            int n = in.read(buffer, 0, buffer.length);
            end = Math.max(n, 0);
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    private long[] lengths(int count) throws IOException {
        long[] lengths = new long[Math.min(count, 1024)];
        long total = 0;
        for (int i = 0; i < count; i++) {
            if (i == lengths.length) {
                lengths = Arrays.copyOf(lengths, Math.min(count, lengths.length * 2));
            }
            fill(8, false);
            long length = (long) LONG.get(buffer, start);
            start += 8;
            if (length < 0 || length > limits.frameBytes()) {
                throw new BadMessageException("frame " + i + " claims " + Long.toUnsignedString(length)
                        + " bytes; the limit is " + limits.frameBytes());
            }
            total += length;
            if (total > limits.messageBytes()) {
                throw new BadMessageException("a message claims more than " + limits.messageBytes() + " bytes");
            }
            lengths[i] = length;
        }
        return lengths;
    }

    private byte[] frame(int length) throws IOException {
        byte[] frame = new byte[Math.min(length, TRUSTED_FRAME_BYTES)];
        int have = Math.min(end - start, frame.length);
        System.arraycopy(buffer, start, frame, 0, have);
        start += have;
        while (have < length) {
            if (have == frame.length) {
                frame = Arrays.copyOf(frame, (int) Math.min(length, 4L * frame.length));
            }
            int n = in.read(frame, have, frame.length - have);
            if (n < 0) {
                throw cutOff();
            }
            have += n;
        }
        return frame;
    }

    /// Makes at least `bytes` bytes available at `start`; false if the stream ended before the first and that is
    /// allowed.
    private boolean fill(int bytes, boolean mayEnd) throws IOException {
        if (end - start >= bytes) {
            return true;
        }
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        while (end < bytes) {
            int n = in.read(buffer, end, buffer.length - end);
            if (n < 0) {
                if (mayEnd && end == 0) {
                    return false;
                }
                throw cutOff();
            }
            end += n;
        }
        return true;
    }

    private static EOFException cutOff() {
        return new TruncatedMessageException("the connection ended inside a message");
    }

    private BadMessageException notDask(long firstChunk) {
        var head = new String(buffer, start, Math.min(end - start, 64), StandardCharsets.ISO_8859_1);
        if (HTTP.matcher(head.lines().findFirst().orElse("")).matches()) {
            return new HttpRequestException();
        }
        if (buffer[start] == 0x16 && buffer[start + 1] == 0x03) {
            return new BadMessageException("this is a TLS handshake on a plain tcp port; connect to tcp://, or start"
                    + " the scheduler with --tls-ca-file, --tls-cert and --tls-key");
        }
        return new BadMessageException("the first chunk claims " + Long.toUnsignedString(firstChunk)
                + " bytes; between 16 and " + limits.messageBytes() + " are allowed; this is no Dask message");
    }

    /// The peer speaks HTTP on a port for Dask's protocol.
    public static final class HttpRequestException extends BadMessageException {
        HttpRequestException() {
            super("this is an HTTP request on a port for Dask's protocol; the HTTP server is at --dashboard-address,"
                    + " by default port 8787");
        }
    }
}
