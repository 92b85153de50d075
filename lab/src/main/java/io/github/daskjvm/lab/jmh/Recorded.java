package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/// Messages that a stock scheduler and a stock worker have sent one another; `record.py` beside them makes them.
final class Recorded {
    private Recorded() {}

    /// One framed message, as it went over the wire.
    static byte[] bytes(String name) {
        try (InputStream in = Recorded.class.getResourceAsStream(name + ".message")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same, decoded; of a batch the first message.
    static Map<?, ?> message(String name) {
        try {
            var reader = new FrameReader(new ByteArrayInputStream(bytes(name)), FrameLimits.DEFAULT);
            Object message = new MsgpackReader().message(Objects.requireNonNull(reader.read()));
            Object first =
                    message instanceof Iterable<?> batch ? batch.iterator().next() : message;
            return (Map<?, ?>) Objects.requireNonNull(first);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
