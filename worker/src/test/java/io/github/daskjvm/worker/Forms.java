package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/// What a peer gets to read of a value.
final class Forms {
    private Forms() {}

    static Payload of(StoredValue value, List<String> read) throws IOException {
        var message = new StreamedMessage();
        value.writeTo(message, read, Forms.class.getClassLoader());
        var out = new ByteArrayOutputStream();
        new FrameWriter(out).write(message);
        List<byte[]> frames = new FrameReader(new ByteArrayInputStream(out.toByteArray()), FrameLimits.DEFAULT).read();
        if (frames == null) {
            throw new IOException("no message");
        }
        return (Payload) new MsgpackReader().message(frames);
    }
}
