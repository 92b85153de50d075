package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameParser;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/// The reading half of a connection: what parser and decoder keep from one message to the next is kept.
final class Decoding {
    private final FrameParser parser = new FrameParser(FrameLimits.DEFAULT);
    private final MsgpackReader decoder = new MsgpackReader();
    private byte[] message = {};
    private int position;

    private int give(byte[] into, int offset, int length) {
        int n = Math.min(length, message.length - position);
        System.arraycopy(message, position, into, offset, n);
        position += n;
        return n;
    }

    /// @param framed one whole message
    Object read(byte[] framed) throws IOException {
        message = framed;
        position = 0;
        while (true) {
            parser.fill(this::give);
            if (parser.isInPlace()) {
                return Objects.requireNonNull(parser.readInPlace(decoder));
            }
            List<byte[]> frames = parser.next();
            if (frames != null) {
                return Objects.requireNonNull(decoder.message(frames));
            }
        }
    }
}
