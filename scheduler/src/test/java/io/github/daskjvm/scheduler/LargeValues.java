package io.github.daskjvm.scheduler;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.Markers;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A worker's data without the memory for it: values of any size that are made as they are sent, and read to be checked
/// as they come. Every byte of a value is that of its place and its key.
final class LargeValues implements AutoCloseable {
    static final int FRAMES = 3;
    private static final byte[] HEADER = header();
    private static final int CHUNK_BYTES = 1 << 17;
    private static final int PERIOD = 251;

    final RpcServer server;
    final String address;
    /// What its values have in bytes.
    volatile long sizeBytes;
    /// What of it has been sent.
    final AtomicLong sent = new AtomicLong();
    final AtomicInteger acknowledged = new AtomicInteger();
    /// How often it says that it is busy before it is not.
    final AtomicInteger busy = new AtomicInteger();
    /// After so many bytes it is gone.
    volatile long diesAfter = Long.MAX_VALUE;
    /// What was written to it, by key, if all bytes were right.
    final Map<String, Long> received = new ConcurrentHashMap<>();
    /// It reads nothing before.
    volatile CountDownLatch reads = new CountDownLatch(0);

    LargeValues(long sizeBytes) throws IOException {
        this.sizeBytes = sizeBytes;
        Map<String, RpcHandler> handlers = new HashMap<>();
        handlers.put("get_data", (request, connection) -> getData(request.list("keys"), connection));
        handlers.put("update_data", new UpdateData());
        server = RpcServer.start(Address.parse("tcp://127.0.0.1:0"), null, FrameLimits.DEFAULT, handlers);
        address = "tcp://127.0.0.1:" + server.port();
    }

    private static byte[] header() {
        var writer = new MsgpackWriter(64);
        writer.value(Map.of("serializer", "dask", "num-sub-frames", FRAMES, "compression", List.of()));
        return writer.toByteArray();
    }

    /// The frames of one value; the last takes what the division leaves.
    record Value(String key, long sizeBytes, AtomicLong sent, long diesAfter) implements StreamedMessage.Frames {
        @Override
        public long[] lengths() {
            long part = sizeBytes / FRAMES;
            return new long[] {part, part, sizeBytes - 2 * part};
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            byte[] pattern = pattern(key);
            for (long at = 0; at < sizeBytes; at += CHUNK_BYTES) {
                if (sent.get() > diesAfter) {
                    throw new IOException("it dies");
                }
                int n = (int) Math.min(CHUNK_BYTES, sizeBytes - at);
                out.write(pattern, (int) (at % PERIOD), n);
                sent.addAndGet(n);
            }
        }
    }

    /// A chunk of a key's value at the place `p` of the value is the same as that at `p % PERIOD` of this.
    private static byte[] pattern(String key) {
        byte[] pattern = new byte[PERIOD + CHUNK_BYTES];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (i % PERIOD + key.hashCode());
        }
        return pattern;
    }

    /// A message part for the value.
    static void put(StreamedMessage message, Value value) {
        message.payload(Payload.Kind.SERIALIZED, HEADER, value);
    }

    private Object getData(Iterable<?> keys, Connection connection) throws IOException {
        if (busy.getAndDecrement() > 0) {
            return Map.of("status", "busy");
        }
        var message = new StreamedMessage();
        message.body().mapHeader(2);
        message.body().string("status");
        message.body().string("OK");
        message.body().string("data");
        List<String> all = new ArrayList<>();
        for (Object key : keys) {
            if (!key.toString().startsWith("missing")) {
                all.add(key.toString());
            }
        }
        message.body().mapHeader(all.size());
        for (String key : all) {
            message.body().string(key);
            put(message, new Value(key, sizeBytes, sent, diesAfter));
        }
        connection.write(message);
        if ("OK".equals(connection.read())) {
            acknowledged.incrementAndGet();
        }
        return RpcHandler.ANSWERED;
    }

    /// Checks what it is sent.
    private final class UpdateData implements RpcHandler {
        @Override
        public Object handle(Fields request, Connection connection) {
            return Map.of("status", "OK", "nbytes", Map.of());
        }

        @Override
        public boolean takesLarge() {
            return true;
        }

        @Override
        public Object handleLarge(Fields request, Incoming frames, Connection connection) throws Exception {
            reads.await();
            Map<String, Long> sizes = new HashMap<>();
            for (Map.Entry<?, ?> item : request.mapping("data").entrySet()) {
                String key = item.getKey().toString();
                int at = (int) Markers.frame(item.getValue());
                long[] lengths = frames.lengths();
                frames.passTo(OutputStream.nullOutputStream(), lengths[at - 1]); // the header
                var check = new Check(key);
                for (int i = 0; i < FRAMES; i++) {
                    frames.passTo(check, lengths[at + i]);
                }
                sizes.put(key, check.right());
                received.put(key, check.right());
            }
            return Map.of("status", "OK", "nbytes", sizes);
        }
    }

    /// Compares what comes with what it should be.
    static final class Check extends OutputStream {
        private final byte[] pattern;
        private long count;
        private boolean wrong;

        Check(String key) {
            pattern = pattern(key);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            int at = (int) (count % PERIOD);
            wrong |= !Arrays.equals(pattern, at, at + length, bytes, from, from + length);
            count += length;
        }

        /// How many bytes came; -1 if one of them was wrong.
        long right() {
            return wrong ? -1 : count;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
