package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.Handshake;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// A socket to a scheduler, and as much or as little of the protocol on it as a test wants.
final class RawPeer implements AutoCloseable {
    final Socket socket;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final MsgpackReader decoder = new MsgpackReader();
    private final Deque<Object> unread = new ArrayDeque<>();

    private RawPeer(Scheduler scheduler) throws IOException {
        String address = scheduler.address();
        socket = new Socket("127.0.0.1", Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        socket.setTcpNoDelay(true); // What is written first arrives first, on whatever socket.
        socket.setSoTimeout(20_000);
        reader = new FrameReader(socket.getInputStream(), FrameLimits.DEFAULT);
        writer = new FrameWriter(socket.getOutputStream());
    }

    static RawPeer silent(Scheduler scheduler) throws IOException {
        return new RawPeer(scheduler);
    }

    static RawPeer greeted(Scheduler scheduler) throws IOException {
        var peer = new RawPeer(scheduler);
        Handshake.exchange(peer.reader, peer.writer);
        return peer;
    }

    /// A client whose stream has started.
    static RawPeer client(Scheduler scheduler, String id) throws IOException {
        RawPeer peer = greeted(scheduler);
        peer.write(Map.of("op", "register-client", "client", id, "reply", false, "versions", Map.of()));
        assertThat(peer.read()).isEqualTo(List.of(Map.of("op", "stream-start")));
        return peer;
    }

    /// How the scheduler's log names this peer.
    String name() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    void bytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void write(Object value) throws IOException {
        writer.write(value);
    }

    Object read() throws IOException {
        List<byte[]> frames = reader.read();
        if (frames == null) {
            throw new EOFException("ended");
        }
        return decoder.message(frames);
    }

    Object call(Map<String, ?> request) throws IOException {
        write(request);
        return read();
    }

    Map<?, ?> callForMap(Map<String, ?> request) throws IOException {
        return (Map<?, ?>) call(request);
    }

    /// The next stream message that is of interest; others are dropped.
    Map<?, ?> next(Predicate<Map<?, ?>> ofInterest) throws IOException {
        while (true) {
            while (unread.isEmpty()) {
                if (read() instanceof List<?> messages) {
                    unread.addAll(messages);
                }
            }
            if (unread.poll() instanceof Map<?, ?> message && ofInterest.test(message)) {
                return message;
            }
        }
    }

    Map<?, ?> next(String op) throws IOException {
        return next(message -> op.equals(message.get("op")));
    }

    /// Reads whatever comes until the scheduler closes the connection.
    boolean ends() throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // What it says before does not matter.
            }
            return true;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
