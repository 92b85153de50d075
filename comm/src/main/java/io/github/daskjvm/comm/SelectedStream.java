package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.FrameParser;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.MessageBytes;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.TruncatedMessageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A stream that a [StreamSelector] reads and writes. What comes is read only once somebody has said what is to be
/// done with it, by [#receive] or [#read].
public final class SelectedStream extends BatchedStream {
    private static final int NO_INTEREST = 0;

    /// Takes one message, by the selector's owner: must not wait for anything.
    @FunctionalInterface
    public interface Receiver {
        /// @param message as [io.github.daskjvm.protocol.MsgpackReader] says
        /// @throws IOException to end the stream
        void receive(@Nullable Object message) throws IOException;

        /// Takes a message of a single frame, of which nothing is made yet.
        ///
        /// @param decoder of this stream, always the same
        /// @param frame the bytes, which are others afterwards
        default void receive(MsgpackReader decoder, byte[] frame, int from, int to) throws IOException {
            receive(decoder.message(frame, from, to));
        }
    }

    /// Takes a small message, by the selector's owner, if all that came before is dealt with.
    @FunctionalInterface
    public interface AtOnce {
        /// @return false to leave the message to [SelectedStream#read]
        /// @throws IOException to end the stream
        boolean take(@Nullable Object message) throws IOException;
    }

    /// Takes the next message from the parser.
    private interface Delivery {
        /// @return false if all of it is not here yet
        boolean deliver() throws IOException;
    }

    /// Of messages that were read and not taken yet.
    private static final long WAITING_MAX_BYTES = 64L << 20;

    private static final int READS_AT_ONCE_MAX = 16;
    private static final int TAKEN_AT_ONCE_MAX_BYTES = 1 << 14;
    /// In which what a peer does not take at once waits.
    private static final int CHUNK_BYTES = 1 << 16;

    private final StreamSelector selector;
    private final SocketChannel channel;
    private final FrameParser parser;
    private final FrameParser.Source source;
    private final long intervalNanos;
    private final FrameInbox inbox = new FrameInbox(WAITING_MAX_BYTES, this::pause);
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    // The owner's own, from here on.
    private @Nullable SelectionKey key;
    /// Null unless what comes ends a pause.
    private @Nullable SelectionKey pausesKey;
    private @Nullable Delivery delivery;
    private volatile @Nullable AtOnce atOnce;
    private final MsgpackReader ownersDecoder = new MsgpackReader();
    private boolean paused;
    /// When what was added leaves at the latest; 0 if it need not.
    long flushAtNanos;
    private final Deque<ByteBuffer> chunks = new ArrayDeque<>();
    private @Nullable MsgpackWriter writing;
    private long writtenNanos;

    SelectedStream(Connection connection, StreamSelector selector, Duration interval) throws IOException {
        super(connection);
        this.selector = selector;
        this.channel = connection.channel();
        this.parser = connection.parser();
        this.intervalNanos = interval.toNanos();
        this.source = this::readSome;
        this.writtenNanos = System.nanoTime() - intervalNanos;
    }

    /// Delivers every message to the receiver, and returns when the stream has ended.
    ///
    /// @throws EOFException when the peer has closed
    /// @throws BadMessageException if what came is not the protocol
    /// @throws IOException when we have closed, or what the receiver threw
    public void receive(Receiver messages) throws IOException {
        FrameParser.FrameUse<Boolean> inPlace = (bytes, from, to) -> {
            messages.receive(connection.decoder(), bytes, from, to);
            return true;
        };
        selector.execute(
                () -> startReading(() -> parser.isInPlace() ? parser.readInPlace(inPlace) : decodeNext(messages)));
        try {
            end.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw FrameInbox.rethrown(e.getCause());
        }
    }

    /// Before the first [#read]: small messages are offered here first, and so cost no other thread a wake-up.
    public void offerFirst(AtOnce to) {
        atOnce = to;
    }

    /// Has what comes end a [pause][StreamSelector#pause]. Any thread may call.
    public void endPauses() {
        selector.execute(() -> {
            pausesKey = registered(selector.pauses());
            interests();
        });
    }

    /// The next message, decoded by the calling thread, which must always be the same.
    ///
    /// @throws EOFException when the peer has closed
    /// @throws BadMessageException if what came is not the protocol
    public @Nullable Object read() throws IOException {
        if (inbox.open()) {
            selector.execute(() -> startReading(this::offerOrAddNext));
        }
        return connection.decode(inbox.take());
    }

    /// Stops reading, or goes on. Any thread may call.
    void pause(boolean stop) {
        selector.execute(() -> {
            paused = stop;
            interests();
        });
    }

    @Override
    void wakeWriter() {
        selector.toWrite(this);
    }

    @Override
    public void flushSoon() {
        selector.flushSoon(this);
    }

    /// Ends the stream without sending what waits. Any thread may call.
    void abort() {
        end();
        selector.execute(() -> ended(new EOFException("the connection to " + connection.peer() + " is closed")));
    }

    // ---- by the owner ----

    void register() {
        key = registered(selector.selector());
    }

    private @Nullable SelectionKey registered(Selector with) {
        if (end.isDone()) {
            return null;
        }
        try {
            return channel.register(with, NO_INTEREST, this);
        } catch (IOException | RuntimeException e) {
            ended(e);
            return null;
        }
    }

    private boolean decodeNext(Receiver messages) throws IOException {
        List<byte[]> frames = parser.next();
        if (frames == null) {
            return false;
        }
        if (frames.size() == 1) {
            byte[] only = frames.getFirst();
            messages.receive(connection.decoder(), only, 0, only.length);
        } else {
            messages.receive(connection.decode(frames));
        }
        return true;
    }

    /// Leaves the message to [#read], which is another thread's, unless it is taken at once.
    private boolean offerOrAddNext() throws IOException {
        List<byte[]> frames = parser.next();
        if (frames == null) {
            return false;
        }
        AtOnce first = atOnce;
        if (first == null
                || FrameInbox.size(frames) > TAKEN_AT_ONCE_MAX_BYTES
                || !inbox.isAwaited()
                || !first.take(ownersDecoder.message(frames))) {
            inbox.add(frames);
        }
        return true;
    }

    private void startReading(Delivery by) {
        delivery = by;
        interests();
        deliver();
    }

    void ready() {
        SelectionKey ready = key;
        if (ready == null || !ready.isValid()) {
            return;
        }
        if (ready.isReadable()) {
            readMore();
        }
        if (ready.isValid() && ready.isWritable()) {
            writeMore();
        }
    }

    private int readSome(byte[] into, int offset, int length) throws IOException {
        ByteBuffer buffer = selector.buffer();
        buffer.limit(Math.min(length, buffer.capacity()));
        int n = channel.read(buffer);
        if (n > 0) {
            buffer.flip().get(into, offset, n);
        }
        return n;
    }

    /// Reads on while there is something, so that a large message does not take a wait for each piece of it; not for
    /// long, since others wait.
    private void readMore() {
        for (int i = 0; i < READS_AT_ONCE_MAX && !paused && readOnce(); i++) {
            // Again.
        }
    }

    /// @return whether there was something, so that there may be more
    private boolean readOnce() {
        int n;
        try {
            n = parser.fill(source);
        } catch (IOException e) {
            ended(e);
            return false;
        }
        if (n > 0) {
            deliver();
        } else if (n < 0) {
            ended(
                    parser.isBetweenMessages()
                            ? new EOFException(connection.peer() + " closed the connection")
                            : new TruncatedMessageException("the connection ended inside a message"));
        }
        return n > 0 && !parser.isBetweenMessages() && !end.isDone();
    }

    private void deliver() {
        Delivery by = delivery;
        if (by == null) {
            return;
        }
        try {
            while (!end.isDone() && by.deliver()) {
                // Again.
            }
        } catch (IOException | RuntimeException e) {
            ended(e);
        }
    }

    /// How long until it may be written again; not positive if it may.
    long restsForNanos(long now) {
        return writtenNanos + intervalNanos - now;
    }

    /// Writes what was flushed, as far as the peer takes it.
    void write(long now) {
        if (!end.isDone() && chunks.isEmpty()) {
            writtenNanos = now;
            writeBatches();
        }
    }

    private void writeBatches() {
        try {
            for (MsgpackWriter batch = next(); batch != null; batch = next()) {
                if (!wrote(batch)) {
                    interests();
                    return;
                }
                written(batch);
            }
        } catch (IOException e) {
            ended(e);
            return;
        }
        if (isClosing()) {
            ended(new EOFException("the connection to " + connection.peer() + " is closed"));
        }
    }

    /// Writes a batch; what the peer does not take stays in `chunks`.
    private boolean wrote(MsgpackWriter batch) throws IOException {
        MessageBytes bytes = MessageBytes.of(batch);
        if (bytes == null) {
            chunks.addAll(FrameWriter.chunks(batch));
        } else {
            boolean isLast = false;
            ByteBuffer buffer;
            do {
                buffer = selector.buffer();
                isLast = bytes.putInto(buffer);
                channel.write(buffer.flip());
            } while (!isLast && !buffer.hasRemaining());
            if (!buffer.hasRemaining()) {
                return true;
            }
            chunks.add(ByteBuffer.allocate(buffer.remaining()).put(buffer).flip());
            while (!isLast) {
                buffer = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                isLast = bytes.putInto(buffer);
                chunks.add(buffer.flip());
            }
        }
        writing = batch;
        return writeChunks();
    }

    /// Goes on with a batch of which a part is written; true if it is whole.
    private boolean writeChunks() throws IOException {
        while (!chunks.isEmpty()) {
            ByteBuffer chunk = chunks.getFirst();
            channel.write(chunk);
            if (chunk.hasRemaining()) {
                return false;
            }
            chunks.removeFirst();
        }
        writing = null;
        return true;
    }

    private void writeMore() {
        MsgpackWriter batch = writing;
        try {
            if (batch == null || !writeChunks()) {
                return;
            }
        } catch (IOException e) {
            ended(e);
            return;
        }
        written(batch);
        interests();
        writeBatches();
    }

    private void interests() {
        int reads = delivery != null && !paused ? SelectionKey.OP_READ : NO_INTEREST;
        want(key, chunks.isEmpty() ? reads : reads | SelectionKey.OP_WRITE);
        want(pausesKey, reads);
    }

    private static void want(@Nullable SelectionKey key, int operations) {
        if (key != null && key.isValid() && key.interestOps() != operations) {
            key.interestOps(operations);
        }
    }

    void ended(Throwable cause) {
        selector.hasEnded(this);
        end();
        chunks.clear();
        writing = null;
        connection.closeSocket();
        inbox.end(cause);
        end.completeExceptionally(cause);
    }
}
