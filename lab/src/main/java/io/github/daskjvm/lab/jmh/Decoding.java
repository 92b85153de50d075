package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameParser;
import java.io.IOException;
import java.util.List;

/// The reading half of a connection: what the parser keeps from one message to the next is kept.
final class Decoding {
    private final FrameParser parser = new FrameParser(FrameLimits.DEFAULT);
    private byte[] message = {};
    private int position;

    private int give(byte[] into, int offset, int length) {
        int n = Math.min(length, message.length - position);
        System.arraycopy(message, position, into, offset, n);
        position += n;
        return n;
    }

    /// @param framed one whole message of a single frame
    <T> T read(byte[] framed, FrameParser.FrameUse<T> reader) throws IOException {
        message = framed;
        position = 0;
        while (true) {
            parser.fill(this::give);
            if (parser.isInPlace()) {
                return parser.readInPlace(reader);
            }
            List<byte[]> frames = parser.next();
            if (frames != null) {
                byte[] only = frames.getFirst();
                return reader.read(only, 0, only.length);
            }
        }
    }
}
