package io.github.daskjvm.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads whole messages off a stream and waits for them; see [FrameParser] for the layout. Not thread-safe.
public final class FrameReader {
    private final FrameParser.Source in;
    private final FrameParser parser;

    public FrameReader(InputStream in, FrameLimits limits) {
        this.in = in::read;
        this.parser = new FrameParser(limits);
    }

    /// The frames of the next message, at least one; null when the peer has closed between messages.
    ///
    /// @throws TruncatedMessageException if the stream ends inside a message
    /// @throws BadMessageException if what arrives is no Dask message or exceeds the limits
    public @Nullable List<byte[]> read() throws IOException {
        while (true) {
            List<byte[]> frames = parser.next();
            if (frames != null) {
                return frames;
            }
            if (parser.fill(in) < 0) {
                if (parser.isBetweenMessages()) {
                    return null;
                }
                throw cutOff();
            }
        }
    }

    /// Waits for the lengths and the first frame of the next message. [#read] goes on to the whole of it, or
    /// the bytes of its other frames are [#take]n one after the other.
    ///
    /// @return false when the peer has closed between messages
    /// @throws BadMessageException as [#read]
    public boolean begin() throws IOException {
        while (!parser.begun()) {
            if (parser.fill(in) < 0) {
                if (parser.isBetweenMessages()) {
                    return false;
                }
                throw cutOff();
            }
        }
        return true;
    }

    /// Waits for bytes of the other frames. When all of them are taken, the parser is [FrameParser#done].
    ///
    /// @return how many, at least one
    public int take(byte[] into, int offset, int length) throws IOException {
        int n = parser.take(into, offset, length);
        if (n == 0) {
            n = in.read(into, offset, length);
        }
        if (n < 0) {
            throw cutOff();
        }
        return n;
    }

    private static TruncatedMessageException cutOff() {
        return new TruncatedMessageException("the connection ended inside a message");
    }

    /// What has been read and not returned yet, for somebody who reads on without waiting.
    public FrameParser parser() {
        return parser;
    }

    /// Waits as long as the stream's own read timeout, and says whether neither a byte nor the end came.
    public boolean silent() throws IOException {
        if (!parser.isBetweenMessages()) {
            return false;
        }
        try {
            int n = parser.fill(in);
            assert n != 0;
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }
}
