package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `record.py` recorded of real clients and of `materialize.py`.
final class Recordings {
    private Recordings() {}

    static byte[] bytes(String name) {
        try (InputStream in = Recordings.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An `update-graph`.
    static Fields message(String name) throws Exception {
        var reader = new FrameReader(new ByteArrayInputStream(bytes(name + ".message")), FrameLimits.DEFAULT);
        return Fields.of(((List<?>) new MsgpackReader().message(reader.read())).getFirst());
    }

    /// The same message with a field changed.
    static Fields with(Fields message, String field, Object value) throws Exception {
        Map<Object, Object> map = new LinkedHashMap<>(message.map());
        map.put(field, value);
        return Fields.of(map);
    }

    static Fields without(Fields message, String... fields) throws Exception {
        Map<Object, Object> map = new LinkedHashMap<>(message.map());
        map.keySet().removeAll(List.of(fields));
        return Fields.of(map);
    }

    static GraphRequest request(String name) throws Exception {
        return GraphRequest.parse(message(name));
    }
}
