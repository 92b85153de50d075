package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameParser;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.Handshake;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// One open connection after its handshake. One thread reads; any thread may write, a message at a time; any
/// thread may close, which ends a blocked read or write with an `IOException`.
public final class Connection implements Breakable {
    private static final long STALE_AFTER_NANOS = 100_000_000;

    private final Socket socket;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final MsgpackReader decoder = new MsgpackReader();
    private final ReentrantLock writing = new ReentrantLock();
    private final String peer;
    private volatile @Nullable SelectedStream attached;
    private long idleSinceNanos = System.nanoTime();

    private Connection(Socket socket, FrameLimits limits, String protocol) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        keepAlive(socket);
        this.reader = new FrameReader(socket.getInputStream(), limits);
        this.writer = new FrameWriter(socket.getOutputStream());
        var remote = (InetSocketAddress) socket.getRemoteSocketAddress();
        this.peer = new Address(protocol, remote.getAddress().getHostAddress(), remote.getPort()).toString();
    }

    /// Opens a connection and shakes hands.
    ///
    /// @param timeout for connecting and for the handshake
    /// @throws IOException naming the address, if it cannot be reached or does not speak Dask's protocol
    public static Connection open(Address address, @Nullable Tls tls, Duration timeout) throws IOException {
        return open(address, tls, timeout, FrameLimits.OF_ANSWERS);
    }

    /// As above, with what one message of the peer's may claim.
    static Connection open(Address address, @Nullable Tls tls, Duration timeout, FrameLimits limits)
            throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), millis(timeout));
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw new IOException("cannot connect to " + address + ": " + e.getMessage(), e);
        }
        return shakeHands(socket, address, tls, timeout, limits);
    }

    /// Makes a connection of a connected socket, or closes it.
    ///
    /// @param timeout for each step of it
    static Connection shakeHands(
            Socket socket, Address address, @Nullable Tls tls, Duration timeout, FrameLimits limits)
            throws IOException {
        try {
            keepAlive(socket);
            socket.setSoTimeout(millis(timeout));
            if (address.isTls()) {
                if (tls == null) {
                    throw new IOException("a certificate authority, certificate and key are needed for tls");
                }
                socket = tls.client(socket, address);
            }
            var connection = new Connection(socket, limits, address.protocol());
            Handshake.exchange(connection.reader, connection.writer);
            socket.setSoTimeout(0);
            return connection;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw new IOException("cannot connect to " + address + ": " + e.getMessage(), e);
        }
    }

    private static int millis(Duration timeout) {
        return (int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
    }

    /// Notices within half a minute that the other machine is gone, as Dask does: ten probes.
    private static void keepAlive(Socket socket) throws IOException {
        socket.setKeepAlive(true);
        var supported = socket.supportedOptions();
        if (supported.contains(ExtendedSocketOptions.TCP_KEEPIDLE)
                && supported.contains(ExtendedSocketOptions.TCP_KEEPINTERVAL)
                && supported.contains(ExtendedSocketOptions.TCP_KEEPCOUNT)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 7);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 2);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 10);
        }
    }

    /// Shakes hands on an accepted socket, which must be closed by the caller if this fails.
    static Connection accept(Socket socket, FrameLimits limits, Duration timeout, String protocol) throws IOException {
        socket.setSoTimeout(millis(timeout));
        var connection = new Connection(socket, limits, protocol);
        Handshake.answer(connection.reader, connection.writer);
        socket.setSoTimeout(0);
        return connection;
    }

    /// The body of the next message, decoded as [MsgpackReader] says. A message may be null.
    ///
    /// @throws EOFException when the peer has closed
    /// @throws BadMessageException if what came is not the protocol
    public @Nullable Object read() throws IOException {
        List<byte[]> frames = reader.read();
        if (frames == null) {
            throw closed();
        }
        return decode(frames);
    }

    /// Waits for the next message, as far as its first frame if the others are large: [#read] goes on to the whole.
    ///
    /// @param small asked once whether frames of so many bytes are small
    /// @return null if they are
    /// @throws EOFException when the peer has closed
    /// @throws BadMessageException if what came is not the protocol
    public @Nullable Incoming begin(LongPredicate small) throws IOException {
        if (!reader.begin()) {
            throw closed();
        }
        return small.test(reader.parser().otherBytes()) ? null : new Incoming(this, reader);
    }

    private EOFException closed() {
        return new EOFException(peer + " closed the connection");
    }

    /// One message's frames as [#read] returns them. By the thread that reads.
    @Nullable
    Object decode(List<byte[]> frames) throws BadMessageException {
        return decoder.message(frames);
    }

    /// For the thread that reads.
    MsgpackReader decoder() {
        return decoder;
    }

    /// Whether a [StreamSelector] can take it over.
    public boolean isSelectable() {
        return socket.getChannel() != null;
    }

    SocketChannel channel() {
        return socket.getChannel();
    }

    /// Bytes that were read and belong to messages still to come.
    FrameParser parser() {
        return reader.parser();
    }

    /// From now on nobody reads or writes but the stream.
    void attach(SelectedStream stream) throws IOException {
        socket.getChannel().configureBlocking(false);
        attached = stream;
    }

    public void write(@Nullable Object value) throws IOException {
        var message = new MsgpackWriter(512);
        message.value(value);
        write(message);
    }

    public void write(MsgpackWriter message) throws IOException {
        writing.lock();
        try {
            writer.write(message);
        } finally {
            writing.unlock();
        }
    }

    /// After an exception the connection is worth nothing: part of the message may have gone.
    public void write(StreamedMessage message) throws IOException {
        writing.lock();
        try {
            writer.write(message);
        } finally {
            writing.unlock();
        }
    }

    /// Writes a message without the frames of its parts, which the caller writes next, to what is returned.
    /// Nobody else may write meanwhile.
    public OutputStream begin(StreamedMessage message) throws IOException {
        message.writeHead(socket.getOutputStream());
        return socket.getOutputStream();
    }

    /// Ends a read that waits longer with a `SocketTimeoutException`; zero waits for ever.
    public void readTimeout(Duration timeout) throws IOException {
        socket.setSoTimeout((int) Math.clamp(timeout.toMillis(), 0, Integer.MAX_VALUE));
    }

    /// The other end as an address; for an accepted connection, the peer's port is not where it listens.
    public String peer() {
        return peer;
    }

    /// Our end's IP, as the peer sees it.
    public String localHost() {
        return socket.getLocalAddress().getHostAddress();
    }

    /// Notes that the connection rests from now on.
    void touch() {
        idleSinceNanos = System.nanoTime();
    }

    /// Whether a connection that rested can carry another request. If it rested for longer than a moment this
    /// looks for the peer's end of stream, for up to a millisecond: a request written after it would be lost.
    boolean isUsable() {
        if (socket.isClosed() || !reader.parser().isBetweenMessages()) {
            return false;
        }
        if (System.nanoTime() - idleSinceNanos < STALE_AFTER_NANOS) {
            return true;
        }
        try {
            socket.setSoTimeout(1);
            boolean silent = reader.silent();
            socket.setSoTimeout(0);
            return silent;
        } catch (IOException e) {
            return false;
        }
    }

    /// Whether the peer, which waits for an answer, has gone meanwhile. By the thread that reads. Takes some
    /// microseconds, or a millisecond if the connection is encrypted. A next request that has come already counts
    /// as a sign of life.
    public boolean peerHasGone() {
        if (socket.isClosed()) {
            return true;
        }
        if (!reader.parser().isBetweenMessages()) {
            return false;
        }
        try {
            SocketChannel channel = socket.getChannel();
            if (channel == null) {
                socket.setSoTimeout(1);
                boolean silent = reader.silent();
                socket.setSoTimeout(0);
                return !silent && reader.parser().isBetweenMessages();
            }
            channel.configureBlocking(false);
            int n = reader.parser()
                    .fill((bytes, offset, length) -> channel.read(ByteBuffer.wrap(bytes, offset, length)));
            channel.configureBlocking(true);
            return n < 0;
        } catch (IOException e) {
            return true;
        }
    }

    public boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public void close() {
        SelectedStream stream = attached;
        if (stream != null) {
            stream.abort();
        } else {
            closeSocket();
        }
    }

    void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            // A socket that cannot be closed is gone already.
        }
    }
}
