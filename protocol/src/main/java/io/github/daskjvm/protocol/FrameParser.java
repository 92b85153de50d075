package io.github.daskjvm.protocol;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whole messages out of bytes that arrive in any pieces. The layout is `u64 P, u64 N, u64 length[N], frame[N]`,
/// little-endian; `P` says how much the sender put into its first write and is only checked for sense. It never
/// waits: [#fill] reads once, [#next] says what is complete. Not thread-safe.
public final class FrameParser {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final Pattern HTTP = Pattern.compile("(GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS|CONNECT|PRI) .*");
    private static final int READ_MAX_BYTES = 1 << 20;

    /// Where bytes come from, such as `InputStream::read`.
    @FunctionalInterface
    public interface Source {
        /// @return how many bytes were put at `offset`; 0 if none are there yet, -1 at the end
        int read(byte[] into, int offset, int length) throws IOException;
    }

    /// What reads a frame where it stands, such as `MsgpackReader::message`.
    @FunctionalInterface
    public interface FrameUse<T extends @Nullable Object> {
        /// @param bytes are something else's afterwards
        T read(byte[] bytes, int from, int to) throws IOException;
    }

    private final FrameLimits limits;
    private final byte[] buffer = new byte[1 << 14];
    private int start;
    private int end;

    // The message that is under way: what its head said, and the frames so far.
    private boolean checked;
    private int count = -1;
    private long[] lengths = new long[8];
    private int lengthsKnown;
    private long totalBytes;
    private List<byte[]> frames = new ArrayList<>(1);
    private byte @Nullable [] frame;
    private int have;

    public FrameParser(FrameLimits limits) {
        this.limits = limits;
    }

    /// Reads once.
    ///
    /// @return what the source returned
    public int fill(Source source) throws IOException {
        byte[] open = frame;
        if (open != null) {
            if (have == open.length) {
                open = Arrays.copyOf(open, (int) Math.min(lengths[frames.size()], 4L * open.length));
                frame = open;
            }
            int n = source.read(open, have, Math.min(open.length - have, READ_MAX_BYTES));
            have += Math.max(n, 0);
            return n;
        }
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int n = source.read(buffer, end, buffer.length - end);
        end += Math.max(n, 0);
        return n;
    }

    /// The frames of the next message, at least one; null if its last byte is not here yet.
    ///
    /// @throws BadMessageException if what arrived is no Dask message or exceeds the limits
    public @Nullable List<byte[]> next() throws BadMessageException {
        if (!begun()) {
            return null;
        }
        while (frames.size() < count) {
            if (!frame((int) lengths[frames.size()])) {
                return null;
            }
        }
        return done();
    }

    /// Whether the next message is one frame, of which all is here: then [#readInPlace] has it without a copy. [#next]
    /// is for any message.
    ///
    /// @throws BadMessageException as [#next]
    public boolean isInPlace() throws BadMessageException {
        return lengths() && count == 1 && frame == null && end - start >= lengths[0];
    }

    /// The next message, if it [#isInPlace], as the reader has it.
    ///
    /// @throws IOException what the reader throws
    public <T extends @Nullable Object> T readInPlace(FrameUse<T> reader) throws IOException {
        int from = start;
        start += (int) lengths[0];
        over();
        return reader.read(buffer, from, start);
    }

    /// Whether the lengths and the first frame of the next message are here. Then [#next] goes on to the whole of it;
    /// or somebody else [#take]s the bytes of the others, which need not fit into memory then, and says [#done].
    ///
    /// @throws BadMessageException as [#next]
    public boolean begun() throws BadMessageException {
        return lengths() && (!frames.isEmpty() || frame((int) lengths[0]));
    }

    private boolean lengths() throws BadMessageException {
        if (count < 0 && !head()) {
            return false;
        }
        while (lengthsKnown < count) {
            if (end - start < 8) {
                return false;
            }
            length();
        }
        return true;
    }

    /// The first frame of a message that has [#begun].
    public byte[] first() {
        return frames.getFirst();
    }

    /// The lengths of its other frames, in bytes.
    public long[] others() {
        return Arrays.copyOfRange(lengths, 1, count);
    }

    /// The sum of them.
    public long otherBytes() {
        return totalBytes - lengths[0];
    }

    /// Hands out bytes of those frames that were read already.
    ///
    /// @return how many; 0 if there are none: the next are the source's
    public int take(byte[] into, int offset, int length) {
        int n = Math.min(length, end - start);
        System.arraycopy(buffer, start, into, offset, n);
        start += n;
        return n;
    }

    /// The message is over: somebody else took the bytes of its other frames.
    public List<byte[]> done() {
        List<byte[]> message = frames;
        frames = new ArrayList<>(1);
        over();
        return message;
    }

    private void over() {
        checked = false;
        count = -1;
        lengthsKnown = 0;
        totalBytes = 0;
    }

    /// Whether the stream may end here: no byte of a further message has come.
    public boolean isBetweenMessages() {
        return start == end && count < 0;
    }

    private boolean head() throws BadMessageException {
        if (end - start < 8) {
            return false;
        }
        long firstChunk = (long) LONG.get(buffer, start);
        if (!checked && (firstChunk < 16 || firstChunk > limits.messageBytes())) {
            throw notDask(firstChunk);
        }
        checked = true;
        if (end - start < 16) {
            return false;
        }
        long claimed = (long) LONG.get(buffer, start + 8);
        if (claimed < 1 || claimed > limits.frames() || 8 * (claimed + 1) > firstChunk) {
            throw new BadMessageException("a message of " + Long.toUnsignedString(claimed) + " frames; between 1 and "
                    + limits.frames() + " are allowed");
        }
        start += 16;
        count = (int) claimed;
        return true;
    }

    private void length() throws BadMessageException {
        if (lengthsKnown == lengths.length) {
            lengths = Arrays.copyOf(lengths, Math.min(count, lengths.length * 2));
        }
        long length = (long) LONG.get(buffer, start);
        if (length < 0 || length > limits.frameBytes()) {
            throw new BadMessageException("frame " + lengthsKnown + " claims " + Long.toUnsignedString(length)
                    + " bytes; the limit is " + limits.frameBytes());
        }
        totalBytes += length;
        if (totalBytes > limits.messageBytes()) {
            throw new BadMessageException("a message claims more than " + limits.messageBytes() + " bytes");
        }
        start += 8;
        lengths[lengthsKnown++] = length;
    }

    /// Adds one frame if all of it is here. What fits into the buffer waits there for the rest of it.
    private boolean frame(int length) {
        byte[] open = frame;
        if (open == null) {
            if (end - start < length && length <= buffer.length) {
                return false;
            }
            open = new byte[Math.min(length, limits.trustedBytes())];
            have = Math.min(end - start, open.length);
            System.arraycopy(buffer, start, open, 0, have);
            start += have;
        }
        boolean whole = have == length;
        frame = whole ? null : open;
        if (whole) {
            frames.add(open);
        }
        return whole;
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
